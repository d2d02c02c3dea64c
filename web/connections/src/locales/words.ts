/** The words that a further language has: English's, and those for which English takes the platform's own. */
import type { Strings } from "./en";
import type { SharedWords } from "./shared/words";

/** Events of a history whose status doesn't name them. */
type EventKey =
  | "connection.created" | "connection.failed" | "connection.deleted" | "connection.tokenRefresh.failing"
  | "connection.tokenRefresh.recovered" | "connection.credential.expiring" | "connection.grant.ended"
  | "connection.additionalConsent.given" | "connection.additionalConsent.refused" | "connection.consent.required"
  | "connection.times.changed" | "connection.sync.paused" | "connection.data.expiring"
  | "connection.data.deleted"
  | "read.completed" | "read.completed.initial" | "write.successful" | "write.unsuccessful";

type Actor = "customer" | "client" | "platform" | "moorline";

export interface Words extends Omit<Strings, "$dataTypes" | "$events" | "$by"> {
  $dataTypes: SharedWords["$dataTypes"];
  $events: Record<EventKey, string>;
  $by: Record<Actor, string>;
}

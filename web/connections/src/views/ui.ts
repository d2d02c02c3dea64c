/** The context of every view: the state, the words and the ways to other views. */
import type { ComponentChildren } from "preact";
import type { CompanyView, Connection } from "../server/api";
import type { Dates } from "../locales/dates";
import type { Strings } from "../locales/en";
import { own } from "../locales/index";
import type { Session } from "../server/session";
import type { CodatTextOptions } from "../types";

/** `list` may have the id of the connection that the customer comes from; all others are about one connection. */
export type ScreenName = "list" | "detail" | "disconnect" | "disconnected" | "reconnect";

export interface Ui {
  session: Session;
  words: Strings;
  dates: Dates;
  /** The newest reading; views that show connections appear only after the first. */
  view: CompanyView;
  /** The list's heading and the sentence below it: the host's own, or ours. */
  title: string;
  subtitle: ComponentChildren;
  /** A text of `words` with the provider's and the company's name and the given values filled in. */
  say(text: string, values?: Record<string, string>): string;
  go(name: ScreenName, id?: string): void;
  /** Lets the focus follow the next change of view, which the customer's own act causes. */
  follow(): void;
  close(): void;
  lastActive(connection: Connection): string;
  /** The host's own words, which are shown beside what the platform derives. */
  promised(connection: Connection): string[];
}

export function promisedIn(text: CodatTextOptions | undefined, { sourceType }: Connection): string[] {
  const list: unknown = text?.[`${sourceType.toLowerCase()}.connectionDetails.dataTypes` as keyof CodatTextOptions];
  return Array.isArray(list) ? list.filter((entry) => entry && typeof entry === "string") : [];
}

/** A data type's name on screen: "commerce-orders" and "orders" are both "Orders". */
export function dataTypeName({ words }: Ui, dataType: string): string {
  const key = dataType.replace(/^(commerce-|banking-|custom\/)/, "").replace(/-(\w)/g, (_, c: string) => c.toUpperCase());
  return own(words.$dataTypes, key) ?? capitalised(key.replace(/([A-Z])/g, " $1").toLowerCase());
}

/** Names of data types, each once. */
export function namesOf(ui: Ui, list: (string | { dataType?: string; name?: string })[] = []): string[] {
  return [...new Set(list.map((each) => dataTypeName(ui, typeof each === "string" ? each : (each.dataType ?? each.name!))))];
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

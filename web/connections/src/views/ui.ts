/** The context of every view: the state, the words and the ways to other views. */
import type { ComponentChildren } from "preact";
import type { CompanyView, Connection } from "../server/api";
import type { Dates } from "../locales/dates";
import type { Strings } from "../locales/en";
import type { Session } from "../server/session";
import type { CodatTextOptions } from "../types";

/** `list` may have the id of the connection that the customer comes from; all others are about one connection. */
export type ScreenName = "list" | "detail" | "disconnect" | "disconnected" | "reconnect";

/** The state and the actions of a session, as the views know them; Link's has them, too. */
type Acts = Partial<Pick<Session, "connect">> &
  Pick<Session, "addressOf" | "awaitReturn" | "disconnect" | "leave" | "leaveJourney" | "over" | "timeline"> & {
    api: Pick<Session["api"], "address" | "json">;
    state: Pick<Session["state"], "journey">;
  };

export interface Ui {
  session: Acts;
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
  close?: (() => void) | undefined;
  /** Opens Link, if the host's page has it. */
  connect?: (() => void) | undefined;
  /** A button that goes with a connection that is there: to connect another like it. */
  another?(connection: Connection): ComponentChildren;
  /** The host's own words, which are shown beside what the platform derives. */
  promised(connection: Connection): string[];
}

export function promisedIn(text: CodatTextOptions | undefined, { sourceType }: Connection): string[] {
  const list: unknown = text?.[`${sourceType.toLowerCase()}.connectionDetails.dataTypes` as keyof CodatTextOptions];
  return Array.isArray(list) ? list.filter((entry) => entry && typeof entry === "string") : [];
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The context of every view: the state, the words and the ways to other views. */
import type { Begun, Kind, LinkView, Platform, Settings, Upload } from "../api";
import type { Strings } from "../locales/en";
import type { LinkSession } from "../session";
import type { CodatLinkOptions, CodatSourceTypesOptions, CodatTextOptions, IntegrationSourceTypeKeys } from "../types";

export const KINDS: readonly Kind[] = ["Accounting", "Banking", "Commerce", "BusinessDocuments"];

export interface Ui {
  session: LinkSession;
  words: Strings;
  options: CodatLinkOptions;
  /** The newest reading; views that show platforms appear only after the first. */
  view: LinkView;
  /** The reader's, for dates and numbers. */
  locale: string;
  /** Left out, no X is drawn. */
  close?: (() => void) | undefined;
  /** A text of `words` with the provider's, the company's and the platform's name and the given values filled in. */
  say(text: string, values?: Record<string, string>): string;
  /** A text of the host's with its placeholders filled in; undefined if there is none. */
  own(key: keyof CodatTextOptions): string | undefined;
  /** A span of time, such as "24 months". */
  time(number: number, unit: "day" | "hour" | "month" | "year"): string;
  /** A day in words. */
  date(iso: string): string;
  /** Names in a list, such as "a, b and c". */
  listed(names: string[]): string;
  /** Lets the focus follow the next change of view, which the customer's own act causes. */
  follow(): void;
}

export const keyOf = (kind: Kind) => (kind[0]!.toLowerCase() + kind.slice(1)) as IntegrationSourceTypeKeys;

/** The upload of a kind, if the client offers one. */
export const uploadOf = (view: LinkView, kind: Kind) => view.uploads?.find((upload) => upload["kind"] === keyOf(kind));

/** The host's options, and below them the client's settings. */
export function optionsOf(given: CodatLinkOptions, settings: Settings | undefined): CodatLinkOptions {
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...settings, ...set, text: { ...settings?.text, ...given.text } };
}

/** A kind of platform as the main page shows it. */
export interface Offer {
  kind: Kind;
  platforms: Platform[];
  /** Files can be uploaded in place of connecting a platform. */
  upload?: Upload | undefined;
  optional: boolean;
}

/** The kinds that the host wants, each with the platforms that it allows. */
export function offersOf(view: LinkView, options: CodatLinkOptions): Offer[] {
  const wanted: CodatSourceTypesOptions | undefined = options.sourceTypes;
  return KINDS.flatMap((kind) => {
    const setting = wanted?.[keyOf(kind)] as Partial<NonNullable<CodatSourceTypesOptions["accounting"]>> | undefined;
    const files = !wanted || (setting && (setting.enableFileUpload ?? kind === KINDS[3]));
    const upload = files ? uploadOf(view, kind) : undefined;
    const connects = !wanted || setting?.enableIntegrations;
    if (!connects && !upload) return [];
    const allowed = setting?.allowedIntegrations;
    const platforms = view.platforms.filter(
      ({ key, sourceType, isSandbox }) =>
        connects &&
        sourceType === kind &&
        (!allowed || allowed.includes(key)) &&
        (!isSandbox || options.showSandboxIntegrations !== false),
    );
    // A kind that the host asks for by name is shown, even if there is nothing in it.
    return wanted || platforms.length || upload ? [{ kind, platforms, upload, optional: !!setting?.optional }] : [];
  });
}

/** True if there is nothing to connect, and nothing that was. */
export const isEmpty = (view: LinkView, options: CodatLinkOptions) =>
  view.connections.every(({ status }) => status === "PendingAuth") &&
  offersOf(view, options).every(({ platforms, upload }) => !platforms.length && !upload);

/** The platform of a kind that the customer set out for last, if it isn't connected yet: a page that was loaded anew goes on with it. */
export const begunOf = ({ connections }: LinkView, { platforms }: Offer): Platform | undefined =>
  connections
    .filter(({ status }) => status === "PendingAuth")
    .flatMap(({ integrationKey }) => platforms.filter(({ key }) => key === integrationKey))[0];

export const linkedOf = (view: LinkView, kind: Kind) =>
  view.connections.filter(
    ({ sourceType, status, integrationKey }) =>
      status === "Linked" && (sourceType === kind || integrationKey === uploadOf(view, kind)?.key),
  );

export const isOfFiles = ({ sourceType }: Begun) => sourceType === "Other";

/**
 * The kinds that must still be connected. Without settings of the host's, any one connection is enough; a kind in which
 * there is nothing to connect isn't waited for.
 */
export function neededOf(view: LinkView, options: CodatLinkOptions): Kind[] {
  const open = offersOf(view, options).filter(({ platforms, upload }) => platforms.length || upload);
  const missing = open.filter(({ kind }) => !linkedOf(view, kind).length);
  if (options.sourceTypes) return missing.filter(({ optional }) => !optional).map(({ kind }) => kind);
  return missing.length < open.length ? [] : missing.map(({ kind }) => kind);
}

/** A rule for a primary colour, which only a hex code may be. */
export function colourRule(primary: unknown): string {
  return /^#[\da-f]{3,8}$/i.test(String(primary)) ? `:host{--moorline-primary:${primary}}` : "";
}

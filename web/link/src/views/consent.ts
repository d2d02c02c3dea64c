/** The consent screen as plain data: shown by `ask.tsx`, and given to the host as Markdown. */
import { own as wordOf } from "../../../connections/src/locales/index";
import { capitalised } from "../../../connections/src/views/ui";
import type { Kind, Platform, Read, Told } from "../api";
import type { CodatLinkOptions, IntegrationSourceTypeKeys } from "../types";
import { keyOf, type Ui } from "./ui";

/** Markdown of the host's, a sentence with its language, or a list. */
export type Part = { markdown: string } | { text: string; lang?: string | undefined } | { title?: string; items: string[]; markup?: boolean };

export interface Section {
  name: "purpose" | "access" | "accountInformation" | "platformData" | "retention";
  title: string;
  parts: Part[];
}

export interface Consent {
  title: string;
  /** In Markdown, as `terms`. */
  subtitle: string;
  sections: Section[];
  terms: string;
  /** The ways to ask the client; empty if it has named none. */
  support: string;
}

export function consentOf(ui: Ui, platform: Platform, told: Told): Consent {
  const { words, options, say } = ui;
  const kind = platform.sourceType as Kind;
  const key = keyOf(kind);
  const own = (name: string) => ui.own(`${key}.consents.${name}` as Parameters<Ui["own"]>[0]);
  const title = (name: Section["name"], standard: string) => own(`headers.${name}`) ?? standard;
  const sentences = (...texts: (string | false | undefined)[]): Part[] =>
    texts.filter((text) => typeof text === "string").map((text) => ({ text }));
  const hosts = (name: string): Part[] => {
    const markdown = own(name);
    return markdown ? [{ markdown }] : [];
  };
  const { access, purpose, stays, client, writes, custom, scopes } = told;
  const promises = promisesOf(options, key);
  const links = [
    client.links.privacyNotice && `[${words.$privacy}](${client.links.privacyNotice})`,
    client.links.terms && `[${words.$terms}](${client.links.terms})`,
  ];
  const { email, phone, url } = client.support ?? {};
  // Set apart from the direction of the words around them.
  const ways = [url && `[${words.$help}](${url})`, ...[email, phone].map((way) => way && `\u2066${escape(way)}\u2069`)].filter(Boolean);

  return {
    title: own("title") ?? say(words.$askTitle),
    subtitle: own("subtitle") ?? say(writes.length ? words.$askTextWrites : words.$askText),
    sections: [
      {
        name: "purpose",
        title: title("purpose", words.$purpose),
        parts: own("purpose") ? hosts("purpose") : [{ text: purpose.text, lang: purpose.language }],
      },
      {
        name: "access",
        title: title("access", words.$access),
        parts: [...hosts("access"), ...sentences(...rhythm(ui, told), ...lasting(ui, access))],
      },
      {
        name: "accountInformation",
        title: title("accountInformation", words.$account),
        parts: [...hosts("accountInformation"), ...sentences(capitalised(words.$business ? say(words.$business) : `${told.business}.`))],
      },
      {
        name: "platformData",
        title: title("platformData", words.$data),
        parts: [
          ...(promises.length ? [{ title: say(words.$said), items: promises, markup: true }] : []),
          ...extents(ui, told.reads),
          ...sentences(
            custom.length > 0 && say(words.$custom, { names: custom.map(({ name, source }) => `${name} (${source})`).join(", ") }),
            ...told.reads.flatMap((read) =>
              (read.further ?? []).map(({ fields }) =>
                say(words.$further, { name: nameOf(ui, read), names: fields.join(", ") }),
              ),
            ),
          ),
          ...(writes.length
            ? [{ title: words.$changed, items: writes.map((write) => `${nameOf(ui, write)}: ${change(ui, write)}`) }]
            : []),
          ...(told.scopesNote ? [{ text: told.scopesNote, lang: "en" }] : []),
          ...sentences(scopes.length > 0 && say(words.$scopes, { names: scopes.join(", ") })),
        ],
      },
      {
        name: "retention",
        title: title("retention", words.$retention),
        parts: [...hosts("retention"), { text: stays["words"].text, lang: stays["words"].language }],
      },
    ],
    terms: own("termsAndConditions") ?? ui.own(`${key}.dataAccess.consent`) ?? links.filter(Boolean).join(" · "),
    support: ways.length ? say(words.$support, { ways: ways.join(" · ") }) : "",
  };
}

/** The host's own list of what a kind of platform shares, in inline Markdown. */
export function promisesOf({ sourceTypes, text }: CodatLinkOptions, key: IntegrationSourceTypeKeys): string[] {
  const list: unknown = sourceTypes?.[key]?.dataTypes ?? text?.[`${key}.dataAccess.dataTypes`];
  return Array.isArray(list) ? list.filter((entry) => entry && typeof entry === "string") : [];
}

/** The data that is read, a list for each extent: "Up to 24 months back". */
function extents(ui: Ui, reads: Read[]): Part[] {
  const { words, say, time } = ui;
  const byExtent = new Map<string, Set<string>>();
  for (const read of reads) {
    const { months, from } = read.history;
    const extent = !words.$everything
      ? capitalised(read.history["words"])
      : months
        ? say(words.$backTo, { time: time(months, "month") })
        : from
          ? say(words.$since, { date: ui.date(from) })
          : capitalised(words.$everything);
    byExtent.set(extent, (byExtent.get(extent) ?? new Set()).add(nameOf(ui, read)));
  }
  return [...byExtent].map(([title, names]) => ({ title, items: [...names] }));
}

function change({ words }: Ui, { create, update }: { create: boolean; update: boolean }): string {
  return create && update ? words.$addsAndChanges : create ? words.$adds : words.$changes;
}

function rhythm({ words, say, time }: Ui, { reads }: Told): (string | false)[] {
  const hours = Math.min(...reads.filter(({ everyHours }) => everyHours > 0).map(({ everyHours }) => everyHours));
  return [
    reads.some(({ atOnce }) => atOnce) && words.$atOnce,
    hours < Infinity && say(words.$byClock, { time: time(hours, "hour") }),
    say(words.$onRequest),
  ];
}

function lasting({ words, say, time }: Ui, { unusedDays, consentDays, revokedAtPlatform, lasts, ends }: Told["access"]) {
  if (!words.$lasts) return [lasts, ...ends];
  const days = (number: number) => (number % 365 ? time(number, "day") : time(number / 365, "year"));
  return [
    consentDays ? say(words.$lastsFor, { time: days(consentDays) }) : words.$lasts,
    unusedDays ? say(words.$unused, { time: days(unusedDays) }) : undefined,
    `${say(words.$disconnecting)} ${say(revokedAtPlatform ? words.$givenBack : words.$listed)}`,
    say(words.$takenBack),
  ];
}

/** A data type in the reader's language; in English by the platform's own name. */
function nameOf({ words }: Ui, { dataType, name }: { dataType: string; name: string }): string {
  const key = dataType.replace(/^(commerce-|banking-|custom\/)/, "").replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  return capitalised((words.$lang === "en" ? undefined : (wordOf(words.$dataTypes, dataType) ?? wordOf(words.$dataTypes, key))) ?? name);
}

/** Everything that is on the screen. */
export function toMarkdown({ title, subtitle, sections, terms, support }: Consent): string {
  const partOf = (part: Part) => {
    if ("markdown" in part) return part.markdown;
    if ("text" in part) return escape(part.text);
    const list = part.items.map((item) => `- ${part.markup ? item : escape(item)}`).join("\n");
    return part.title ? `**${escape(part.title)}**\n\n${list}` : list;
  };
  const texts = [
    `# ${title}`,
    subtitle,
    ...sections.flatMap(({ title, parts }) => [`## ${escape(title)}`, ...parts.map(partOf)]),
    terms,
    support,
  ];
  return texts.filter(Boolean).join("\n\n");
}

const escape = (text: string) => text.replace(/[\\`*_[\]]/g, "\\$&");

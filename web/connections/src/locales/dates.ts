/** Dates and spans of time in the reader's language. */

type Iso = string | null | undefined;

/** Formats of a date, which return null for anything that isn't one. */
export interface Dates {
  date(iso: Iso): string | null;
  dateTime(iso: Iso): string | null;
  /** "4 days ago"; the last minute is "now", and so is a time in the future, by a clock ahead of ours. */
  ago(iso: Iso, now?: number): string | null;
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", Infinity],
];

export function datesIn(locale: string): Dates {
  const written = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, options);
    return (iso: Iso) => worded(iso, (time) => format.format(time));
  };
  const spans = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  return {
    date: written({ dateStyle: "long" }),
    dateTime: written({ dateStyle: "medium", timeStyle: "short" }),
    ago: (iso, now = Date.now()) =>
      worded(iso, (time) => {
        const seconds = Math.max(0, (now - time) / 1000);
        const [unit, length] = UNITS.find(([, length]) => seconds >= length) ?? UNITS.at(-1)!;
        return spans.format(-Math.floor(seconds / length), unit);
      }),
  };
}

/** Applies `words` to a time; by the contract, a time without an offset is UTC. */
function worded(iso: Iso, words: (time: number) => string): string | null {
  const time = Date.parse(/T[^Z+-]*$/.test(iso ?? "") ? `${iso}Z` : (iso ?? ""));
  return Number.isNaN(time) ? null : words(time);
}

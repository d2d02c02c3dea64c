/** Dates and spans of time in the reader's language. */

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

export class Dates {
  readonly #day: Intl.DateTimeFormat;
  readonly #minute: Intl.DateTimeFormat;
  readonly #span: Intl.RelativeTimeFormat;

  constructor(locale: string) {
    this.#day = new Intl.DateTimeFormat(locale, { dateStyle: "long" });
    this.#minute = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
    this.#span = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  }

  date(iso: string | null | undefined): string | null {
    return format(iso, (time) => this.#day.format(time));
  }

  dateTime(iso: string | null | undefined): string | null {
    return format(iso, (time) => this.#minute.format(time));
  }

  /** "4 days ago"; the last minute is "now", and a clock ahead of ours says nothing about the future. */
  ago(iso: string | null | undefined, now = Date.now()): string | null {
    return format(iso, (time) => {
      const seconds = Math.max(0, (now - time) / 1000);
      const [unit, length] = UNITS.find(([, length]) => seconds >= length && length >= 60) ?? ["second", Infinity];
      return this.#span.format(-Math.floor(seconds / length) || 0, unit);
    });
  }
}

/** The contract's dates carry no offset where they are UTC. */
function format(iso: string | null | undefined, write: (time: number) => string): string | null {
  if (!iso) return null;
  const time = Date.parse(/T.*(Z|[+-]\d\d:?\d\d)$/.test(iso) || !iso.includes("T") ? iso : `${iso}Z`);
  return Number.isNaN(time) ? null : write(time);
}

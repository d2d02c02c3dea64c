/** Calendar months as `YYYY-MM` text, which sorts as it reads. */
export type Month = string;

/** The month of an ISO 8601 date or date-time, as written there; undefined if it isn't one. */
export function monthOf(date: string | undefined): Month | undefined {
  const match = /^(\d{4})-(0[1-9]|1[0-2])-\d{2}/.exec(date ?? "");
  return match ? `${match[1]}-${match[2]}` : undefined;
}

export function plusMonths(month: Month, count: number): Month {
  const [year = 0, ordinal = 1] = month.split("-").map(Number);
  const index = year * 12 + (ordinal - 1) + count;
  return `${String(Math.floor(index / 12)).padStart(4, "0")}-${String((index % 12) + 1).padStart(2, "0")}`;
}

/** `count` months in order, the last of them `end`. */
export function monthsUpTo(end: Month, count: number): Month[] {
  return Array.from({ length: count }, (_, i) => plusMonths(end, i - count + 1));
}

/** Whole days from one ISO date to another, by the calendar and not by the clock. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to.slice(0, 10)}T00:00:00Z`) - Date.parse(`${from.slice(0, 10)}T00:00:00Z`)) / 86_400_000);
}

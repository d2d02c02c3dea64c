/** Amounts, dates and counts in the page's language and its reader's region. */
import { locale } from "./speech";

// Intl formats decimal text exactly, without a float.
type DecimalText = Intl.StringNumericLiteral;

function formatter(currency: string, options: Intl.NumberFormatOptions): { format: (amount: string) => string } {
  try {
    const format = new Intl.NumberFormat(locale, currency ? { style: "currency", currency, ...options } : options);
    return { format: (amount) => format.format(amount as DecimalText) };
  } catch {
    // Not an ISO 4217 code: show the amount and the code as they are.
    const format = new Intl.NumberFormat(locale, { ...options, style: "decimal" });
    return { format: (amount) => `${format.format(amount as DecimalText)} ${currency}` };
  }
}

/** An amount with its currency's number of decimals: two for GBP, none for JPY, three for KWD. */
export const money = (amount: string, currency: string) => formatter(currency, {}).format(amount);

/** A short amount for axes: £12K. */
export const roughMoney = (amount: number, currency: string) =>
  formatter(currency, { notation: "compact", maximumFractionDigits: 1, minimumFractionDigits: 0 }).format(String(amount));

const utcMonth = (month: string) => new Date(`${month}-01T00:00:00Z`);

export const monthName = (month: string, style: "narrow" | "short" | "long" = "short") =>
  new Intl.DateTimeFormat(locale, { month: style, timeZone: "UTC" }).format(utcMonth(month));

export const monthAndYear = (month: string) =>
  new Intl.DateTimeFormat(locale, { month: "short", year: "numeric", timeZone: "UTC" }).format(utcMonth(month));

/** A day by the calendar: `style` is `long` in sentences. */
export const day = (iso: string, style: "medium" | "long" = "medium") =>
  new Intl.DateTimeFormat(locale, style === "long" ? { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" } : { dateStyle: style, timeZone: "UTC" }).format(
    new Date(iso),
  );

export const dateAndTime = (iso: string) =>
  new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));

export const number = (value: number) => new Intl.NumberFormat(locale).format(value);

export const percent = (permille: number) =>
  new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 }).format(permille / 1_000);

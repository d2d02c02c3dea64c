import { describe, expect, it } from "vitest";
import { totalsByCurrency } from "../src/figures/balances";
import { CashByMonth } from "../src/figures/cash";
import { add, average, compare, decimal, permille, subtract, sum, text } from "../src/figures/decimal";
import { daysBetween, monthOf, monthsUpTo } from "../src/figures/months";
import { ReceivablesLedger } from "../src/figures/receivables";
import { SalesByMonth } from "../src/figures/sales";
import { outsideEntries, outsideStatements } from "../src/figures/transfers";
import { ticks } from "../src/client/charts/scale";
import { money, percent } from "../src/client/words/money";

const TODAY = "2026-03-15T09:00:00Z";

describe("decimals", () => {
  it("add tenths without drift", () => {
    expect(text(add(decimal(0.1), decimal(0.2)))).toBe("0.3");
    expect(text(sum(Array.from({ length: 1_000_000 }, () => decimal("0.01"))))).toBe("10000.00");
  });

  it("keep amounts that a float cannot hold", () => {
    expect(text(add(decimal("9007199254740993.01"), decimal("0.01")))).toBe("9007199254740993.02");
  });

  it("read numbers that print with an exponent", () => {
    expect(text(decimal(1e-7))).toBe("0.0000001");
    expect(text(decimal(1e21))).toBe("1000000000000000000000");
    expect(text(decimal(-2.5e-3))).toBe("-0.0025");
  });

  it("refuse text that isn't a decimal", () => {
    for (const wrong of ["", "12,5", "NaN", "0x10", " 1"]) expect(() => decimal(wrong)).toThrow(RangeError);
    expect(() => decimal(Number.NaN)).toThrow(RangeError);
    expect(() => decimal(Number.POSITIVE_INFINITY)).toThrow(RangeError);
  });

  it("compare and subtract across scales", () => {
    expect(compare(decimal("1.50"), decimal("1.5"))).toBe(0);
    expect(compare(decimal("-0.01"), decimal("0"))).toBe(-1);
    expect(text(subtract(decimal("1"), decimal("1.001")))).toBe("-0.001");
  });

  it("round an average half away from zero", () => {
    expect(text(average(decimal("0.05"), 2, 2))).toBe("0.03");
    expect(text(average(decimal("-0.05"), 2, 2))).toBe("-0.03");
    expect(text(average(decimal("10.000"), 4, 2))).toBe("2.50");
    expect(text(average(decimal("10"), 0, 2))).toBe("0");
  });

  it("give a share of zero as zero", () => {
    expect(permille(decimal("5"), decimal("0"))).toBe(0);
    expect(permille(decimal("1"), decimal("3.00"))).toBe(333);
  });
});

describe("months", () => {
  it("come from dates with and without a time", () => {
    expect(monthOf("2026-03-31T23:59:59.1234567Z")).toBe("2026-03");
    expect(monthOf("2026-03-31")).toBe("2026-03");
    expect(monthOf("31/03/2026")).toBeUndefined();
    expect(monthOf("2026-13-01")).toBeUndefined();
    expect(monthOf(undefined)).toBeUndefined();
  });

  it("run over the end of a year", () => {
    expect(monthsUpTo("2026-02", 4)).toEqual(["2025-11", "2025-12", "2026-01", "2026-02"]);
  });

  it("count days by the calendar, at any hour", () => {
    expect(daysBetween("2026-02-28T23:59:00Z", "2026-03-01T00:01:00Z")).toBe(1);
    expect(daysBetween("2026-03-28", "2026-03-30")).toBe(2);
  });
});

describe("cash by month", () => {
  it("holds money in and money out apart, to the cent", () => {
    const cash = new CashByMonth();
    for (let i = 0; i < 3; i += 1) cash.add("GBP", "2026-03-02", decimal(0.1));
    cash.add("GBP", "2026-03-09T10:00:00", decimal(-0.7));
    const [series] = cash.series(TODAY);
    expect(series?.months.at(-1)).toEqual({ month: "2026-03", in: "0.3", out: "0.7", net: "-0.4" });
    expect(series?.net).toBe("-0.4");
  });

  it("shows twelve months up to the newest with a line, and none of the future", () => {
    const cash = new CashByMonth();
    cash.add("GBP", "2025-10-01", decimal("5"));
    cash.add("GBP", "2024-10-31", decimal("1000"));
    cash.add("GBP", "2026-04-01", decimal("77"));
    const [series] = cash.series(TODAY);
    expect(series?.months.map(({ month }) => month)).toEqual(monthsUpTo("2025-10", 12));
    expect(series?.totalIn).toBe("5");
  });

  it("never adds across currencies, and puts the busiest first", () => {
    const cash = new CashByMonth();
    cash.add("JPY", "2026-03-01", decimal("120000"));
    cash.add("GBP", "2026-03-01", decimal("1.00"));
    cash.add("GBP", "2026-03-02", decimal("2.00"));
    expect(cash.series(TODAY).map(({ currency, totalIn }) => [currency, totalIn])).toEqual([
      ["GBP", "3.00"],
      ["JPY", "120000"],
    ]);
  });

  it("leaves out lines without a date or an amount", () => {
    const cash = new CashByMonth();
    cash.add("GBP", undefined, decimal("5"));
    cash.add("GBP", "2026-03-01", decimal("0.00"));
    expect(cash.series(TODAY)).toEqual([]);
  });
});

describe("transfers between own accounts", () => {
  const transfer = (account: string, date: string, amount: string, entry?: string) => ({ account, currency: "EUR", date, amount: decimal(amount), entry });

  it("are left out of books by their entry, and transfers from elsewhere stay", () => {
    const payout = transfer("main", "2026-03-02", "75.10", "e2");
    const without = transfer("main", "2026-03-02", "-3");
    expect(outsideEntries([transfer("main", "2026-03-01", "-500", "e1"), transfer("savings", "2026-03-01", "500", "e1"), payout, without])).toEqual([
      payout,
      without,
    ]);
  });

  it("are left out of statements by their amount, within days and between two accounts", () => {
    const rent = transfer("main", "2026-03-09", "-500");
    const back = transfer("main", "2026-03-09", "500.00");
    const late = transfer("savings", "2026-03-20", "500");
    expect(
      outsideStatements([late, transfer("savings", "2026-03-03", "500.00"), transfer("main", "2026-03-01", "-500"), rent, back]),
    ).toEqual([rent, back, late]);
  });
});

describe("receivables", () => {
  const invoice = (due: string | undefined, amountDue: string, customer = "Quay", issued = "2026-01-10", total = amountDue, currency = "GBP") => ({
    currency,
    issued,
    due,
    total: decimal(total),
    amountDue: decimal(amountDue),
    customer,
  });

  it("fall into bands by days late, at the edges too", () => {
    const ledger = new ReceivablesLedger(TODAY);
    ledger.add(invoice("2026-03-15", "1.00"));
    ledger.add(invoice("2026-03-14", "2.00"));
    ledger.add(invoice("2026-02-13", "4.00"));
    ledger.add(invoice("2026-02-12", "8.00"));
    ledger.add(invoice("2026-01-14", "16.00"));
    ledger.add(invoice("2026-01-13", "32.00"));
    ledger.add(invoice("2025-12-15", "64.00"));
    ledger.add(invoice("2025-12-14", "128.00"));
    const [gbp] = ledger.receivables();
    expect(gbp?.bands.map(({ amount }) => amount)).toEqual(["1.00", "6.00", "24.00", "96.00", "128.00"]);
    expect(gbp?.outstanding).toBe("255.00");
    expect(gbp?.overdue).toBe("254.00");
    expect(gbp?.openInvoices).toBe(8);
  });

  it("age by the issue date without a due date", () => {
    const ledger = new ReceivablesLedger(TODAY);
    ledger.add(invoice(undefined, "5.00", "Quay", "2026-03-01"));
    expect(ledger.receivables()[0]?.bands.find(({ band }) => band === "1-30")?.amount).toBe("5.00");
  });

  it("rank customers by the amount invoiced in twelve months, each with its share", () => {
    const ledger = new ReceivablesLedger(TODAY);
    ledger.add(invoice(undefined, "0", "Quay", "2025-04-01", "300.10"));
    ledger.add(invoice(undefined, "0", "Deli", "2026-02-01", "100.00"));
    ledger.add(invoice(undefined, "0", "Deli", "2026-03-01", "400.20"));
    ledger.add(invoice(undefined, "0", "Old", "2025-03-31", "9999.00"));
    const [gbp] = ledger.topCustomers();
    expect(gbp?.since).toBe("2025-04");
    expect(gbp?.invoiced).toBe("800.30");
    expect(gbp?.customers).toEqual([
      { name: "Deli", amount: "500.20", invoices: 2, sharePermille: 625 },
      { name: "Quay", amount: "300.10", invoices: 1, sharePermille: 374 },
    ]);
  });
});

describe("sales", () => {
  it("count orders and add amounts by month", () => {
    const sales = new SalesByMonth();
    sales.add("GBP", "2026-03-01T10:00:00Z", decimal(19.99), decimal(0));
    sales.add("GBP", "2026-03-02T10:00:00Z", decimal(0.02), decimal("0.01"));
    sales.add("GBP", "2026-02-02T10:00:00Z", decimal("10"), decimal(0));
    const [gbp] = sales.series(TODAY);
    expect(gbp?.months.slice(-2)).toEqual([
      { month: "2026-02", orders: 1, sales: "10" },
      { month: "2026-03", orders: 2, sales: "20.01" },
    ]);
    expect([gbp?.orders, gbp?.sales, gbp?.net, gbp?.averageOrder]).toEqual([3, "30.01", "30.00", "10.00"]);
  });
});

describe("balances", () => {
  it("total each currency by itself and leave out unstated balances", () => {
    const account = (currency: string, current: string | null) => ({ id: "", name: "", institution: null, currency, current, available: null });
    expect(totalsByCurrency([account("GBP", "24310.55"), account("KWD", "1250.125"), account("GBP", "-0.55"), account("USD", null)])).toEqual([
      { currency: "GBP", amount: "24310.00" },
      { currency: "KWD", amount: "1250.125" },
    ]);
  });
});

describe("amounts on the page", () => {
  it("have the digits of their currency", () => {
    expect(money("1234.5", "GBP")).toBe("£1,234.50");
    expect(money("120000", "JPY")).toBe("JP¥120,000");
    expect(money("1250.125", "KWD").replace(/\s/, " ")).toBe("KWD 1,250.125");
  });

  it("stay exact beyond what a float can hold", () => {
    expect(money("9007199254740993.01", "GBP")).toBe("£9,007,199,254,740,993.01");
  });

  it("show a code that is not a currency as it is", () => {
    expect(money("5.00", "POINTS")).toBe("5 POINTS");
    expect(money("5.25", "")).toBe("5.25");
  });

  it("show shares in whole percents", () => {
    expect(percent(374)).toBe("37%");
  });

  it("have an axis of round steps that reaches the highest bar", () => {
    expect(ticks(9_300)).toEqual([0, 2_500, 5_000, 7_500, 10_000]);
    expect(ticks(0)).toEqual([0, 1]);
    for (const highest of [0.03, 7, 99, 100, 101, 123_456]) expect(ticks(highest).at(-1)).toBeGreaterThanOrEqual(highest);
  });
});

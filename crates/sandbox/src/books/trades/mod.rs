//! The made-up businesses: goods, customers, suppliers, costs and seasons of each.

mod cafe;
mod carpenter;
mod parts;
mod spices;
mod studio;
mod tea;
mod wholesale;

use super::Business;
use super::ledger::chart::Account;
use super::ledger::{Category, Money};
use super::names::Locale;

/// Every business on the platform, in the order the consent page shows.
pub(crate) const ALL: &[&Trade] = &[
    &cafe::TRADE,
    &wholesale::TRADE,
    &studio::TRADE,
    &tea::TRADE,
    &spices::TRADE,
    &parts::TRADE,
    &carpenter::TRADE,
];

/// All money in minor units of the business's currency.
pub(crate) struct Trade {
    pub(crate) business: Business,
    pub(crate) registered: Registered,
    pub(crate) locale: &'static Locale,
    /// Decimals of the currency (ISO 4217).
    pub(crate) exponent: u32,
    /// Three letters before every SKU.
    pub(crate) prefix: &'static str,
    /// Account titles that this trade words differently.
    pub(crate) titles: &'static [(Account, &'static str)],
    /// The first is "no tax".
    pub(crate) taxes: &'static [Tax],
    /// Position in `taxes` of the one on most purchases.
    pub(crate) purchase_tax: usize,
    pub(crate) products: &'static [Product],
    /// True if goods are kept in stock, and their cost follows the sale.
    pub(crate) stocked: bool,
    pub(crate) invoicing: Invoicing,
    pub(crate) suppliers: &'static [Supplier],
    pub(crate) overheads: &'static [Overhead],
    pub(crate) payroll: Payroll,
    pub(crate) card: &'static [Merchant],
    pub(crate) card_per_week_milli: u64,
    pub(crate) shop: Shop,
    pub(crate) opening: Opening,
    /// Percent of an average month, January first.
    pub(crate) months: [u64; 12],
    /// Percent of an average day, Monday first.
    pub(crate) invoice_days: [u64; 7],
    pub(crate) shop_days: [u64; 7],
    pub(crate) growth_percent_a_year: u64,
}

pub(crate) struct Registered {
    pub(crate) name: &'static str,
    pub(crate) company_number: &'static str,
    pub(crate) tax_number: &'static str,
    pub(crate) street: &'static str,
    pub(crate) town: &'static str,
    pub(crate) region: Option<&'static str>,
    pub(crate) postcode: &'static str,
    /// ISO 3166-1 alpha-3.
    pub(crate) country3: &'static str,
    pub(crate) phone: &'static str,
    pub(crate) website: &'static str,
    /// First month of the financial year.
    pub(crate) year_starts: u32,
    pub(crate) bank: Bank,
}

pub(crate) struct Bank {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) bic: &'static str,
    pub(crate) sort_code: Option<&'static str>,
    pub(crate) number: &'static str,
    pub(crate) savings_number: &'static str,
    pub(crate) iban: Option<&'static str>,
    pub(crate) savings_iban: Option<&'static str>,
    pub(crate) card_ends: &'static str,
}

pub(crate) struct Tax {
    pub(crate) code: &'static str,
    pub(crate) title: &'static str,
    pub(crate) rate_bp: i64,
    pub(crate) parts: &'static [(&'static str, i64)],
}

pub(crate) struct Product {
    pub(crate) title: &'static str,
    pub(crate) details: &'static str,
    pub(crate) category: &'static str,
    pub(crate) service: bool,
    /// Of the trade's taxes: on invoices, in the shop.
    pub(crate) tax: (usize, usize),
    /// Weight of being chosen: on invoices, in the shop. 0 is never.
    pub(crate) weight: (u64, u64),
    /// Least, most and step of a quantity on an invoice, in thousandths.
    pub(crate) qty_milli: (i64, i64, i64),
    pub(crate) variants: &'static [Variant],
}

pub(crate) struct Variant {
    pub(crate) name: &'static str,
    pub(crate) price: Money,
    pub(crate) shop_price: Money,
    pub(crate) cost: Money,
}

pub(crate) const fn variant(
    name: &'static str,
    price: Money,
    shop_price: Money,
    cost: Money,
) -> Variant {
    Variant {
        name,
        price,
        shop_price,
        cost,
    }
}

pub(crate) struct Invoicing {
    /// Invoices on an average day, in thousandths.
    pub(crate) per_day_milli: u64,
    pub(crate) customers: usize,
    pub(crate) new_a_month_milli: u64,
    pub(crate) lines: (i64, i64),
    pub(crate) terms_days: &'static [u32],
    /// Payments by cheque among 10,000 from customers.
    pub(crate) cheque_bp: u64,
}

pub(crate) struct Supplier {
    pub(crate) name: &'static str,
    pub(crate) account: Account,
    /// Bills a week in thousandths. Suppliers of stock deliver what has been sold, and `share_bp` is unused.
    pub(crate) per_week_milli: u64,
    /// A week's bills as a share of the week's sales, in basis points.
    pub(crate) share_bp: i64,
    pub(crate) stock: bool,
    /// Text and unit price of their goods, for suppliers of anything but stock.
    pub(crate) lines: &'static [(&'static str, Money)],
    pub(crate) terms_days: u32,
    /// Of the trade's taxes.
    pub(crate) tax: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pay {
    DirectDebit,
    StandingOrder,
    /// By a bill, paid later.
    Bill,
    /// A year paid ahead, spread over the months.
    Ahead,
}

pub(crate) struct Overhead {
    pub(crate) payee: &'static str,
    pub(crate) text: &'static str,
    pub(crate) account: Account,
    pub(crate) category: Category,
    pub(crate) amount: Money,
    /// Variation either way, in percent at most.
    pub(crate) varies: i64,
    /// Months between two of them: 1, 3 or 12.
    pub(crate) every_months: u32,
    pub(crate) day: u32,
    pub(crate) pay: Pay,
    pub(crate) taxed: bool,
}

pub(crate) struct Payroll {
    /// A month's, before deductions.
    pub(crate) gross: Money,
    /// Variation with overtime, in percent.
    pub(crate) varies: i64,
    pub(crate) withheld_bp: i64,
    pub(crate) employer_bp: i64,
    pub(crate) day: u32,
    pub(crate) tax_office: &'static str,
}

pub(crate) struct Merchant {
    pub(crate) name: &'static str,
    pub(crate) account: Account,
    pub(crate) category: Category,
    pub(crate) amount: (Money, Money),
}

pub(crate) struct Shop {
    /// Orders on an average day, in thousandths.
    pub(crate) per_day_milli: u64,
    /// Orders through the web among 10,000.
    pub(crate) web_bp: u64,
    pub(crate) cash_bp: u64,
    pub(crate) tip_bp: u64,
    pub(crate) taxes_included: bool,
    pub(crate) lines: (i64, i64),
    pub(crate) most_of_one: i64,
    pub(crate) processor: &'static str,
    pub(crate) fee_bp: i64,
    pub(crate) fee_fixed: Money,
    pub(crate) pays_out_weekly: bool,
    pub(crate) shipping: &'static [(&'static str, Money)],
    pub(crate) free_shipping_from: Money,
    pub(crate) shipping_tax: usize,
    /// Name and kind; the first is the business's own address.
    pub(crate) sites: &'static [(&'static str, &'static str)],
    pub(crate) till_float: Money,
    /// Tips and cash are rounded to this.
    pub(crate) coin: Money,
}

pub(crate) struct Opening {
    pub(crate) cash: Money,
    pub(crate) savings: Money,
    pub(crate) equipment: Money,
    pub(crate) depreciated: Money,
    pub(crate) loan: Money,
    pub(crate) loan_rate_bp: i64,
    pub(crate) loan_repayment: Money,
    pub(crate) capital: Money,
    pub(crate) overdraft: Money,
    pub(crate) savings_rate_bp: i64,
    pub(crate) bank_fee: Money,
    /// Below it the owners put money in; far above it they take some out.
    pub(crate) comfortable_cash: Money,
    pub(crate) equipment_a_year: Money,
    /// One unit of "a round sum" that owners and savings move.
    pub(crate) round: Money,
}

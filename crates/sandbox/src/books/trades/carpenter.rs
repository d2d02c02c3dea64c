//! Lindqvist Snickeri: a one-woman joinery near Uppsala, in kronor.

use super::*;

const STANDARD: usize = 1;

// One row a line, as the tables they are.
#[rustfmt::skip]
pub(super) const TRADE: Trade = Trade {
    business: Business {
        id: "lindqvist-snickeri",
        name: "Lindqvist Snickeri",
        trade: "Joiner",
        country: "SE",
        currency: "SEK",
        size: "small: about 200 invoices, 80 orders",
        description: "One joiner and a van. The smallest set of books here, read in a moment.",
    },
    registered: Registered {
        name: "Lindqvist Snickeri",
        company_number: "790412-5551",
        tax_number: "SE790412555101",
        street: "Sågvägen 6",
        town: "Knivsta",
        region: None,
        postcode: "741 40",
        country3: "SWE",
        phone: "+46 18 555 01 06",
        website: "https://lindqvistsnickeri.example",
        year_starts: 1,
        bank: Bank { id: "fyris", name: "Fyris Sparbank", bic: "FYRSSES1", sort_code: Some("8327-9"), number: "555120611", savings_number: "555120629", iban: Some("SE6280000832790555120611"), savings_iban: Some("SE4180000832790555120629"), card_ends: "7718" },
    },
    locale: &LOCALE,
    exponent: 2,
    prefix: "LSN",
    titles: &[
        (Account::Sales, "Joinery"),
        (Account::ShopSales, "Small goods sold"),
        (Account::CostOfSales, "Timber and fittings"),
        (Account::Tax, "Moms (VAT)"),
        (Account::Capital, "Owner's capital"),
        (Account::Dividends, "Owner's drawings"),
    ],
    taxes: &[
        Tax { code: "NONE", title: "No VAT", rate_bp: 0, parts: &[] },
        Tax { code: "M25", title: "Moms 25%", rate_bp: 2500, parts: &[("Moms", 2500)] },
    ],
    purchase_tax: STANDARD,
    products: &[
        Product { title: "Joinery work", details: "By the hour", category: "Work", service: true, tax: (STANDARD, STANDARD), weight: (30, 0), qty_milli: (4000, 60_000, 500), variants: &[variant("Hour", 62_000, 77_500, 0)] },
        Product { title: "Kitchen fitting", details: "Fixed price per unit", category: "Work", service: true, tax: (STANDARD, STANDARD), weight: (8, 0), qty_milli: (1000, 12_000, 1000), variants: &[variant("Unit", 185_000, 231_250, 0)] },
        Product { title: "Windows", details: "Made to measure, pine", category: "Made to order", service: false, tax: (STANDARD, STANDARD), weight: (7, 0), qty_milli: (1000, 6000, 1000), variants: &[variant("Two-pane", 640_000, 800_000, 215_000)] },
        Product { title: "Travel", details: "By the kilometre", category: "Work", service: true, tax: (STANDARD, STANDARD), weight: (12, 0), qty_milli: (20_000, 140_000, 5000), variants: &[variant("km", 2500, 3125, 0)] },
        Product { title: "Cutting board", details: "Ash, oiled", category: "Small goods", service: false, tax: (STANDARD, STANDARD), weight: (0, 9), qty_milli: (1000, 1000, 1000), variants: &[variant("Small", 31_600, 39_500, 8200), variant("Large", 47_600, 59_500, 12_400)] },
        Product { title: "Stool", details: "Birch, three legs", category: "Small goods", service: false, tax: (STANDARD, STANDARD), weight: (0, 3), qty_milli: (1000, 1000, 1000), variants: &[variant("Natural", 156_000, 195_000, 38_000)] },
    ],
    stocked: false,
    invoicing: Invoicing { per_day_milli: 240, customers: 14, new_a_month_milli: 400, lines: (1, 3), terms_days: &[30, 20, 10], cheque_bp: 0 },
    suppliers: &[
        Supplier { name: "Upplands Trävaror", account: Account::CostOfSales, per_week_milli: 500, share_bp: 1700, stock: false, lines: &[("Pine, planed", 1850), ("Birch plywood", 64_500), ("Oak, rough", 3900)], terms_days: 30, tax: STANDARD },
        Supplier { name: "Beslag & Skruv", account: Account::CostOfSales, per_week_milli: 300, share_bp: 350, stock: false, lines: &[("Hinges, 20", 43_000), ("Screws, box", 12_900)], terms_days: 30, tax: STANDARD },
    ],
    overheads: &[
        Overhead { payee: "Knivsta Verkstadshus", text: "Workshop rent", account: Account::Rent, category: Category::RentPaid, amount: 620_000, varies: 0, every_months: 1, day: 1, pay: Pay::StandingOrder, taxed: true },
        Overhead { payee: "Fyris Kraft", text: "Electricity", account: Account::Utilities, category: Category::UtilityBills, amount: 145_000, varies: 24, every_months: 1, day: 15, pay: Pay::DirectDebit, taxed: true },
        Overhead { payee: "Norrnät", text: "Mobile and broadband", account: Account::Telephone, category: Category::SoftwareAndPhone, amount: 49_900, varies: 0, every_months: 1, day: 7, pay: Pay::DirectDebit, taxed: true },
        Overhead { payee: "Trygga Hantverk", text: "Business insurance, one year", account: Account::Insurance, category: Category::InsurancePaid, amount: 984_000, varies: 2, every_months: 12, day: 6, pay: Pay::Ahead, taxed: false },
        Overhead { payee: "Redovisning Knivsta", text: "Bookkeeping", account: Account::Professional, category: Category::Suppliers, amount: 450_000, varies: 5, every_months: 3, day: 20, pay: Pay::Bill, taxed: true },
    ],
    payroll: Payroll { gross: 2_900_000, varies: 0, withheld_bp: 2900, employer_bp: 3142, day: 25, tax_office: "SKATTEVERKET" },
    card: &[
        Merchant { name: "Mack Knivsta", account: Account::Vehicles, category: Category::TravelAndVehicles, amount: (48_000, 96_000) },
        Merchant { name: "Verktygsboden", account: Account::Repairs, category: Category::Sundry, amount: (9900, 189_000) },
    ],
    card_per_week_milli: 1100,
    shop: Shop { per_day_milli: 100, web_bp: 8000, cash_bp: 0, tip_bp: 0, taxes_included: true, lines: (1, 2), most_of_one: 2, processor: "Betalbro", fee_bp: 150, fee_fixed: 180, pays_out_weekly: true, shipping: &[("Postombud", 7900)], free_shipping_from: 150_000, shipping_tax: STANDARD, sites: &[("Workshop", "store"), ("lindqvistsnickeri.example", "online")], till_float: 0, coin: 100 },
    opening: Opening { cash: 18_450_000, savings: 6_000_000, equipment: 42_000_000, depreciated: 16_000_000, loan: 12_000_000, loan_rate_bp: 590, loan_repayment: 333_000, capital: 5_000_000, overdraft: 2_000_000, savings_rate_bp: 190, bank_fee: 12_500, comfortable_cash: 12_000_000, equipment_a_year: 2_400_000, round: 100_000 },
    months: [82, 88, 98, 106, 116, 112, 60, 90, 112, 116, 114, 106],
    invoice_days: [130, 120, 120, 120, 180, 30, 0],
    shop_days: [90, 90, 95, 100, 105, 115, 105],
    growth_percent_a_year: 4,
};

#[rustfmt::skip]
const LOCALE: Locale = Locale {
    given: &["Pia", "Anders", "Maja", "Johan", "Elin", "Samir", "Karin", "Oskar", "Linnea", "Per", "Ebba", "Nils", "Amina", "Gustav", "Ida", "Lars"],
    family: &["Berg", "Holm", "Sjöberg", "Ek", "Nyström", "Wallin", "Lundgren", "Aziz", "Forsberg", "Hedlund", "Åkesson", "Norén", "Dahl", "Sandström", "Björk", "Hassan"],
    firms: &["Mälar", "Gränby", "Roslags", "Fyris", "Ekolns", "Sätra", "Vasa", "Slottsbackens"],
    kinds: &["Fastigheter", "Bostäder AB", "Bygg AB", "Förskola", "Restaurang", "Samfällighet", "Kontor AB", "Värdshus"],
    streets: &["Storgatan", "Skolgatan", "Kungsgatan", "Järnvägsgatan", "Ringvägen", "Björkvägen", "Kyrkvägen"],
    number_last: true,
    towns: &[("Uppsala", None, "753 ##"), ("Knivsta", None, "741 ##"), ("Sigtuna", None, "193 ##"), ("Enköping", None, "745 ##"), ("Märsta", None, "195 ##")],
    phone: "+46 18 555 0# ##",
    mobile: "+46 70 174 06 ##",
    company_number: "55####-####",
    tax_number: "SE55########01",
};

//! Dilmun Spice Trading: imports spices and dry goods to Bahrain, in dinars of a thousand fils.

use super::*;

const STANDARD: usize = 1;
const ZERO: usize = 2;

// One row a line, as the tables they are.
#[rustfmt::skip]
pub(super) const TRADE: Trade = Trade {
    business: Business {
        id: "dilmun-spice-trading",
        name: "Dilmun Spice Trading W.L.L.",
        trade: "Spice importer",
        country: "BH",
        currency: "BHD",
        size: "about 5,000 invoices, 5,000 orders",
        description: "Imports spices, rice and dates for shops and hotels, and runs a stall in the old market. The dinar has three decimals.",
    },
    registered: Registered {
        name: "Dilmun Spice Trading W.L.L.",
        company_number: "55518-1",
        tax_number: "200005551800002",
        street: "Road 473, Building 118",
        town: "Manama",
        region: None,
        postcode: "304",
        country3: "BHR",
        phone: "+973 1755 0118",
        website: "https://dilmunspice.example",
        year_starts: 1,
        bank: Bank { id: "pearl-gulf", name: "Pearl Gulf Bank", bic: "PRLGBHBM", sort_code: None, number: "00001455510218", savings_number: "00001455510226", iban: Some("BH29PRLG00001455510218"), savings_iban: Some("BH07PRLG00001455510226"), card_ends: "3310" },
    },
    locale: &LOCALE,
    exponent: 3,
    prefix: "DST",
    titles: &[
        (Account::Sales, "Wholesale sales"),
        (Account::ShopSales, "Market stall and web sales"),
        (Account::Tax, "VAT"),
        (Account::OwnerLoan, "Partners' current account"),
        (Account::Dividends, "Partners' drawings"),
    ],
    taxes: &[
        Tax { code: "NONE", title: "Out of scope", rate_bp: 0, parts: &[] },
        Tax { code: "V10", title: "VAT 10%", rate_bp: 1000, parts: &[("VAT", 1000)] },
        Tax { code: "V0", title: "Zero-rated basic food", rate_bp: 0, parts: &[] },
    ],
    purchase_tax: STANDARD,
    products: &[
        Product { title: "Cardamom", details: "Green, extra bold", category: "Spices", service: false, tax: (STANDARD, STANDARD), weight: (14, 14), qty_milli: (1000, 20_000, 1000), variants: &[variant("1 kg", 14_250, 16_500, 10_180), variant("100 g", 1650, 1950, 1120)] },
        Product { title: "Saffron", details: "Super negin", category: "Spices", service: false, tax: (STANDARD, STANDARD), weight: (8, 12), qty_milli: (2000, 24_000, 1000), variants: &[variant("5 g", 6875, 7900, 4960), variant("1 g", 1450, 1750, 1020)] },
        Product { title: "Black pepper", details: "Whole, Malabar", category: "Spices", service: false, tax: (STANDARD, STANDARD), weight: (15, 10), qty_milli: (2000, 40_000, 1000), variants: &[variant("1 kg", 3480, 4125, 2390)] },
        Product { title: "Baharat", details: "Our own blend", category: "Spices", service: false, tax: (STANDARD, STANDARD), weight: (12, 18), qty_milli: (2000, 30_000, 1000), variants: &[variant("500 g", 2275, 2750, 1310), variant("100 g", 595, 725, 330)] },
        Product { title: "Dried lime", details: "Loomi, black", category: "Spices", service: false, tax: (STANDARD, STANDARD), weight: (9, 9), qty_milli: (2000, 25_000, 1000), variants: &[variant("1 kg", 2150, 2640, 1330)] },
        Product { title: "Basmati rice", details: "Aged two years", category: "Dry goods", service: false, tax: (ZERO, ZERO), weight: (20, 7), qty_milli: (5000, 90_000, 5000), variants: &[variant("5 kg", 3975, 4450, 3090), variant("20 kg", 14_900, 16_750, 11_840)] },
        Product { title: "Red lentils", details: "Split", category: "Dry goods", service: false, tax: (ZERO, ZERO), weight: (12, 4), qty_milli: (5000, 60_000, 5000), variants: &[variant("5 kg", 2480, 2850, 1870)] },
        Product { title: "Khalas dates", details: "This season's", category: "Dates", service: false, tax: (STANDARD, STANDARD), weight: (10, 16), qty_milli: (2000, 40_000, 2000), variants: &[variant("1 kg", 1840, 2250, 1190), variant("Gift box", 4400, 5500, 2680)] },
        Product { title: "Rose water", details: "Distilled, glass bottle", category: "Waters", service: false, tax: (STANDARD, STANDARD), weight: (7, 11), qty_milli: (6000, 48_000, 6000), variants: &[variant("500 ml", 1125, 1430, 690)] },
        Product { title: "Delivery in Bahrain", details: "Same day", category: "Services", service: true, tax: (STANDARD, STANDARD), weight: (7, 0), qty_milli: (1000, 2000, 1000), variants: &[variant("Drop", 3500, 3850, 0)] },
    ],
    stocked: true,
    invoicing: Invoicing { per_day_milli: 4800, customers: 84, new_a_month_milli: 1500, lines: (1, 5), terms_days: &[30, 30, 45, 60], cheque_bp: 2200 },
    suppliers: &[
        Supplier { name: "Kochi Spice Exporters", account: Account::Inventory, per_week_milli: 2000, share_bp: 0, stock: true, lines: &[], terms_days: 45, tax: ZERO },
        Supplier { name: "Al Hasa Date Farms", account: Account::Inventory, per_week_milli: 2000, share_bp: 0, stock: true, lines: &[], terms_days: 30, tax: ZERO },
        Supplier { name: "Khalifa Port Clearing", account: Account::Freight, per_week_milli: 1000, share_bp: 520, stock: false, lines: &[("Customs clearance", 48_500), ("Container handling", 92_000), ("Storage, day", 11_250)], terms_days: 30, tax: STANDARD },
        Supplier { name: "Gulf Print & Pack", account: Account::Freight, per_week_milli: 500, share_bp: 180, stock: false, lines: &[("Pouches, 2,000", 64_000), ("Labels, roll", 9750)], terms_days: 30, tax: STANDARD },
    ],
    overheads: &[
        Overhead { payee: "Bab Al Souq Properties", text: "Stall and warehouse rent", account: Account::Rent, category: Category::RentPaid, amount: 1_150_000, varies: 0, every_months: 1, day: 1, pay: Pay::StandingOrder, taxed: true },
        Overhead { payee: "Island Electricity & Water", text: "Electricity and water", account: Account::Utilities, category: Category::UtilityBills, amount: 310_000, varies: 22, every_months: 1, day: 13, pay: Pay::DirectDebit, taxed: true },
        Overhead { payee: "Dana Telecom", text: "Phones and fibre", account: Account::Telephone, category: Category::SoftwareAndPhone, amount: 62_500, varies: 4, every_months: 1, day: 6, pay: Pay::DirectDebit, taxed: true },
        Overhead { payee: "Hisab Cloud", text: "Accounting software", account: Account::Software, category: Category::SoftwareAndPhone, amount: 28_900, varies: 0, every_months: 1, day: 2, pay: Pay::DirectDebit, taxed: true },
        Overhead { payee: "Takaful Pearl", text: "Stock and vehicle cover, one year", account: Account::Insurance, category: Category::InsurancePaid, amount: 1_860_000, varies: 3, every_months: 12, day: 11, pay: Pay::Ahead, taxed: true },
        Overhead { payee: "Seef Audit Partners", text: "Review and VAT return", account: Account::Professional, category: Category::Suppliers, amount: 425_000, varies: 5, every_months: 3, day: 23, pay: Pay::Bill, taxed: true },
        Overhead { payee: "Manama Vans", text: "Van lease", account: Account::Vehicles, category: Category::TravelAndVehicles, amount: 215_000, varies: 0, every_months: 1, day: 9, pay: Pay::Bill, taxed: true },
    ],
    payroll: Payroll { gross: 3_300_000, varies: 3, withheld_bp: 500, employer_bp: 1100, day: 27, tax_office: "SIO" },
    card: &[
        Merchant { name: "Sitra Fuel", account: Account::Vehicles, category: Category::TravelAndVehicles, amount: (4200, 14_500) },
        Merchant { name: "Gulf Wings", account: Account::Travel, category: Category::TravelAndVehicles, amount: (68_000, 240_000) },
        Merchant { name: "Souq Stationery", account: Account::Office, category: Category::Sundry, amount: (1250, 18_750) },
        Merchant { name: "Snap Souq Ads", account: Account::Marketing, category: Category::Advertising, amount: (15_000, 65_000) },
    ],
    card_per_week_milli: 3200,
    shop: Shop { per_day_milli: 5200, web_bp: 2600, cash_bp: 3600, tip_bp: 0, taxes_included: true, lines: (1, 4), most_of_one: 3, processor: "Tap Bay", fee_bp: 240, fee_fixed: 75, pays_out_weekly: false, shipping: &[("Home delivery", 1500), ("To the GCC", 6250)], free_shipping_from: 25_000, shipping_tax: STANDARD, sites: &[("Manama Souq stall", "store"), ("dilmunspice.example", "online"), ("Salmabad warehouse", "warehouse")], till_float: 100_000, coin: 50 },
    opening: Opening { cash: 18_442_365, savings: 9_000_000, equipment: 22_500_000, depreciated: 8_100_000, loan: 15_000_000, loan_rate_bp: 640, loan_repayment: 312_500, capital: 20_000_000, overdraft: 5_000_000, savings_rate_bp: 275, bank_fee: 5250, comfortable_cash: 15_000_000, equipment_a_year: 2_600_000, round: 500_000 },
    months: [94, 104, 128, 112, 96, 88, 78, 76, 92, 100, 108, 118],
    invoice_days: [140, 140, 135, 125, 40, 50, 135],
    shop_days: [88, 86, 90, 108, 130, 112, 86],
    growth_percent_a_year: 11,
};

#[rustfmt::skip]
const LOCALE: Locale = Locale {
    given: &["Fatema", "Hasan", "Maryam", "Ali", "Noora", "Yusuf", "Zainab", "Khalid", "Priya", "Rashid", "Huda", "Salman", "Anjali", "Jassim", "Layla", "Omar", "Reem", "Sanjay", "Dalal", "Isa"],
    family: &["Al Khalifa", "Al Mannai", "Janahi", "Al Sayed", "Haddad", "Nair", "Al Ansari", "Fakhro", "Menon", "Al Zayani", "Kanoo", "Buhindi", "Pillai", "Al Doseri", "Sharif", "Al Aradi", "D'Souza", "Murad"],
    firms: &["Awali", "Muharraq", "Pearl Diver", "Tylos", "Al Jazira", "Gulf Palm", "Delmon", "Seef", "Riffa", "Sea Breeze", "Al Noor", "Bab"],
    kinds: &["Supermarket", "Hotel", "Restaurant", "Bakery", "Trading Est.", "Catering", "Cold Store", "Sweets", "Roastery", "Majlis Café"],
    streets: &["Road 1702", "Exhibition Avenue", "Government Avenue", "Palace Avenue", "Road 385", "Bani Otbah Avenue", "Budaiya Highway", "Road 3801"],
    number_last: false,
    towns: &[("Manama", None, "3##"), ("Muharraq", None, "2##"), ("Riffa", None, "9##"), ("Isa Town", None, "8##"), ("Hamad Town", None, "12##"), ("Saar", None, "5##")],
    phone: "+973 1755 0###",
    mobile: "+973 3655 0###",
    company_number: "#####-1",
    tax_number: "2000#######0002",
};

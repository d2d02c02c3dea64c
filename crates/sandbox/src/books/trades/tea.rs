//! Kawabe Tea: a tea shop in Uji that also sells to hotels, in yen.

use super::*;

const STANDARD: usize = 1;
const REDUCED: usize = 2;

// One row a line, as the tables they are.
#[rustfmt::skip]
pub(super) const TRADE: Trade = Trade {
    business: Business {
        id: "kawabe-tea",
        name: "Kawabe Tea K.K.",
        trade: "Tea shop",
        country: "JP",
        currency: "JPY",
        size: "about 12,000 orders, 2,000 invoices",
        description: "Uji tea over the counter, on the web and to hotels. Yen has no decimals.",
    },
    registered: Registered {
        name: "Kawabe Tea K.K.",
        company_number: "1300-01-055518",
        tax_number: "T1300001055518",
        street: "21 Byodoin-dori",
        town: "Uji",
        region: Some("Kyoto"),
        postcode: "611-0021",
        country3: "JPN",
        phone: "+81 774 55 0127",
        website: "https://kawabetea.example",
        year_starts: 4,
        bank: Bank { id: "rakusei", name: "Rakusei Bank", bic: "RKSIJPJT", sort_code: Some("0555-118"), number: "2044718", savings_number: "2044726", iban: None, savings_iban: None, card_ends: "6120" },
    },
    locale: &LOCALE,
    exponent: 0,
    prefix: "KWB",
    titles: &[
        (Account::Current, "Ordinary deposit"),
        (Account::Savings, "Time deposit"),
        (Account::Sales, "Sales to hotels and restaurants"),
        (Account::ShopSales, "Shop sales"),
        (Account::Tax, "Consumption tax"),
        (Account::Inventory, "Merchandise"),
    ],
    taxes: &[
        Tax { code: "NONE", title: "Not taxable", rate_bp: 0, parts: &[] },
        Tax { code: "S10", title: "Consumption tax 10%", rate_bp: 1000, parts: &[("National", 780), ("Local", 220)] },
        Tax { code: "R8", title: "Consumption tax 8% (food)", rate_bp: 800, parts: &[("National", 624), ("Local", 176)] },
    ],
    purchase_tax: STANDARD,
    products: &[
        Product { title: "Gyokuro", details: "Shaded three weeks before picking", category: "Green tea", service: false, tax: (REDUCED, REDUCED), weight: (10, 11), qty_milli: (4000, 40_000, 2000), variants: &[variant("50 g", 1500, 1620, 780), variant("100 g", 2800, 3024, 1480)] },
        Product { title: "Sencha", details: "First flush", category: "Green tea", service: false, tax: (REDUCED, REDUCED), weight: (16, 20), qty_milli: (6000, 60_000, 2000), variants: &[variant("100 g", 1100, 1188, 520), variant("200 g", 2000, 2160, 960)] },
        Product { title: "Matcha", details: "Stone ground in Uji", category: "Matcha", service: false, tax: (REDUCED, REDUCED), weight: (20, 18), qty_milli: (4000, 50_000, 2000), variants: &[variant("Ceremonial, 30 g", 2400, 2592, 1210), variant("Kitchen, 100 g", 1700, 1836, 840)] },
        Product { title: "Hojicha", details: "Roasted daily in the shop", category: "Roasted tea", service: false, tax: (REDUCED, REDUCED), weight: (14, 19), qty_milli: (6000, 60_000, 2000), variants: &[variant("100 g", 700, 756, 290), variant("Tea bags, 20", 850, 918, 370)] },
        Product { title: "Genmaicha", details: "With toasted rice", category: "Roasted tea", service: false, tax: (REDUCED, REDUCED), weight: (8, 10), qty_milli: (4000, 30_000, 2000), variants: &[variant("200 g", 900, 972, 400)] },
        Product { title: "Tea bowl", details: "Asahi ware, glazed by hand", category: "Ware", service: false, tax: (STANDARD, STANDARD), weight: (3, 4), qty_milli: (2000, 12_000, 1000), variants: &[variant("White", 4800, 5280, 2600), variant("Moss", 5200, 5720, 2850)] },
        Product { title: "Teapot", details: "Tokoname clay, 300 ml", category: "Ware", service: false, tax: (STANDARD, STANDARD), weight: (3, 4), qty_milli: (1000, 8000, 1000), variants: &[variant("Red clay", 6200, 6820, 3350)] },
        Product { title: "Whisk", details: "Bamboo, 80 tines", category: "Ware", service: false, tax: (STANDARD, STANDARD), weight: (4, 6), qty_milli: (2000, 20_000, 1000), variants: &[variant("Each", 2300, 2530, 1100)] },
        Product { title: "Matcha cookies", details: "Box of 12", category: "Sweets", service: false, tax: (REDUCED, REDUCED), weight: (6, 15), qty_milli: (6000, 40_000, 2000), variants: &[variant("Box", 1200, 1296, 610)] },
        Product { title: "Tea ceremony lesson", details: "One hour, for hotel guests", category: "Lessons", service: true, tax: (STANDARD, STANDARD), weight: (5, 0), qty_milli: (2000, 12_000, 1000), variants: &[variant("Guest", 4500, 4950, 0)] },
    ],
    stocked: true,
    invoicing: Invoicing { per_day_milli: 2200, customers: 46, new_a_month_milli: 900, lines: (1, 4), terms_days: &[30, 30, 60], cheque_bp: 0 },
    suppliers: &[
        Supplier { name: "Wazuka Growers Cooperative", account: Account::Inventory, per_week_milli: 2200, share_bp: 0, stock: true, lines: &[], terms_days: 30, tax: REDUCED },
        Supplier { name: "Asahi Kiln", account: Account::Inventory, per_week_milli: 1800, share_bp: 0, stock: true, lines: &[], terms_days: 30, tax: STANDARD },
        Supplier { name: "Kamigata Packaging", account: Account::Freight, per_week_milli: 500, share_bp: 260, stock: false, lines: &[("Tins, 200", 38_000), ("Paper bags, 1,000", 21_000), ("Boxes, 300", 26_500)], terms_days: 30, tax: STANDARD },
        Supplier { name: "Kuro Parcel", account: Account::Freight, per_week_milli: 500, share_bp: 300, stock: false, lines: &[("Parcels collected", 9800), ("Chilled parcels", 4200)], terms_days: 30, tax: STANDARD },
    ],
    overheads: &[
        Overhead { payee: "Ujibashi Real Estate", text: "Shop rent", account: Account::Rent, category: Category::RentPaid, amount: 286_000, varies: 0, every_months: 1, day: 1, pay: Pay::StandingOrder, taxed: true },
        Overhead { payee: "Keihan Power", text: "Electricity and gas", account: Account::Utilities, category: Category::UtilityBills, amount: 74_000, varies: 17, every_months: 1, day: 10, pay: Pay::DirectDebit, taxed: true },
        Overhead { payee: "Nishi Telecom", text: "Telephone and internet", account: Account::Telephone, category: Category::SoftwareAndPhone, amount: 14_300, varies: 2, every_months: 1, day: 25, pay: Pay::DirectDebit, taxed: true },
        Overhead { payee: "Tana", text: "Web shop software", account: Account::Software, category: Category::SoftwareAndPhone, amount: 9800, varies: 0, every_months: 1, day: 3, pay: Pay::DirectDebit, taxed: true },
        Overhead { payee: "Anshin Fire Insurance", text: "Fire and liability, one year", account: Account::Insurance, category: Category::InsurancePaid, amount: 242_000, varies: 0, every_months: 12, day: 7, pay: Pay::Ahead, taxed: false },
        Overhead { payee: "Fushimi Tax Office Partners", text: "Tax adviser", account: Account::Professional, category: Category::Suppliers, amount: 165_000, varies: 0, every_months: 3, day: 22, pay: Pay::Bill, taxed: true },
    ],
    payroll: Payroll { gross: 1_120_000, varies: 4, withheld_bp: 1600, employer_bp: 1500, day: 25, tax_office: "NATIONAL TAX AGENCY" },
    card: &[
        Merchant { name: "Keihan Rail", account: Account::Travel, category: Category::TravelAndVehicles, amount: (480, 6200) },
        Merchant { name: "Bunka Stationery", account: Account::Office, category: Category::Sundry, amount: (620, 9800) },
        Merchant { name: "Kotohana Flowers", account: Account::Marketing, category: Category::Sundry, amount: (2200, 5500) },
    ],
    card_per_week_milli: 1900,
    shop: Shop { per_day_milli: 13_500, web_bp: 3200, cash_bp: 4200, tip_bp: 0, taxes_included: true, lines: (1, 3), most_of_one: 3, processor: "Suica Line", fee_bp: 324, fee_fixed: 0, pays_out_weekly: true, shipping: &[("Parcel", 880), ("Letter pack", 520)], free_shipping_from: 8000, shipping_tax: STANDARD, sites: &[("Byodoin-dori", "store"), ("Uji station stand", "store"), ("kawabetea.example", "online")], till_float: 60_000, coin: 10 },
    opening: Opening { cash: 4_120_381, savings: 3_500_000, equipment: 9_600_000, depreciated: 3_900_000, loan: 6_000_000, loan_rate_bp: 180, loan_repayment: 100_000, capital: 3_000_000, overdraft: 0, savings_rate_bp: 20, bank_fee: 1650, comfortable_cash: 3_000_000, equipment_a_year: 800_000, round: 50_000 },
    months: [88, 80, 104, 116, 124, 92, 84, 86, 94, 114, 122, 130],
    invoice_days: [130, 130, 130, 130, 130, 40, 10],
    shop_days: [78, 70, 82, 84, 100, 142, 144],
    growth_percent_a_year: 5,
};

#[rustfmt::skip]
const LOCALE: Locale = Locale {
    given: &["Haruka", "Kenta", "Yui", "Sota", "Aoi", "Ren", "Mio", "Takumi", "Sakura", "Daiki", "Emi", "Hiroshi", "Naoko", "Yuto", "Keiko", "Riku", "Megumi", "Shun", "Ayaka", "Jun"],
    family: &["Tanaka", "Nakamura", "Fujii", "Okada", "Morita", "Hayashi", "Ishida", "Ueda", "Matsuo", "Kondo", "Shimizu", "Yamane", "Oshiro", "Tsuda", "Inoue", "Sakai", "Kimura", "Hirano", "Ando", "Noda"],
    firms: &["Hanare", "Tsukimi", "Shirakawa", "Komorebi", "Kaze", "Yamabuki", "Asagiri", "Suzume", "Momiji", "Hotaru", "Nagomi", "Kinsei"],
    kinds: &["Ryokan", "Hotel", "Kaiseki", "Department Store", "Wagashi", "Sushi", "Café", "Resort", "Gift", "Airline Lounge"],
    streets: &["Shijo-dori", "Kawaramachi-dori", "Sanjo-dori", "Gion-machi", "Karasuma-dori", "Uji-bashi", "Honmachi", "Kitaoji"],
    number_last: false,
    towns: &[("Kyoto", Some("Kyoto"), "60#-80##"), ("Uji", Some("Kyoto"), "611-00##"), ("Osaka", Some("Osaka"), "53#-00##"), ("Nara", Some("Nara"), "630-82##"), ("Kobe", Some("Hyogo"), "650-00##"), ("Tokyo", Some("Tokyo"), "10#-00##")],
    phone: "+81 75 555 0###",
    mobile: "+81 90 5550 0###",
    company_number: "1300-01-######",
    tax_number: "T13000010#####",
};

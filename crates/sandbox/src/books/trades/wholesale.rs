//! Alder Ridge Wholesale: supplies restaurants in the Pacific Northwest, in US dollars.

use super::*;

const NONE: usize = 0;
const SALES_TAX: usize = 1;

// One row a line, as the tables they are.
#[rustfmt::skip]
pub(super) const TRADE: Trade = Trade {
    business: Business {
        id: "alder-ridge-wholesale",
        name: "Alder Ridge Wholesale Inc.",
        trade: "Restaurant supplies wholesaler",
        country: "US",
        currency: "USD",
        size: "about 12,000 invoices, 3,500 orders",
        description: "Sells cookware, tableware and disposables to restaurants on 30-day terms; a trade counter and a web shop beside it.",
    },
    registered: Registered {
        name: "Alder Ridge Wholesale Inc.",
        company_number: "604-118-552",
        tax_number: "91-5550184",
        street: "2250 Airport Way",
        town: "Tacoma",
        region: Some("WA"),
        postcode: "98421",
        country3: "USA",
        phone: "+1 253 555 0118",
        website: "https://alderridge.example",
        year_starts: 1,
        bank: Bank { id: "cascadia-first", name: "Cascadia First Bank", bic: "CSCDUS6T", sort_code: Some("125055501"), number: "4410087726", savings_number: "4410087734", iban: None, savings_iban: None, card_ends: "8802" },
    },
    locale: &LOCALE,
    exponent: 2,
    prefix: "ARW",
    titles: &[
        (Account::Current, "Checking account"),
        (Account::Inventory, "Inventory"),
        (Account::Sales, "Wholesale revenue"),
        (Account::ShopSales, "Counter and web revenue"),
        (Account::Tax, "Sales tax payable"),
        (Account::Capital, "Common stock"),
        (Account::OwnerLoan, "Shareholder loan"),
    ],
    taxes: &[
        Tax { code: "NONE", title: "Exempt (resale certificate)", rate_bp: 0, parts: &[] },
        Tax { code: "WA-TAC", title: "Tacoma sales tax 10.3%", rate_bp: 1030, parts: &[("Washington", 650), ("City and transit", 380)] },
    ],
    purchase_tax: NONE,
    products: &[
        Product { title: "Stock pot", details: "Aluminium, welded handles", category: "Cookware", service: false, tax: (NONE, SALES_TAX), weight: (9, 6), qty_milli: (1000, 8000, 1000), variants: &[variant("24 qt", 5200, 6499, 3410), variant("40 qt", 7900, 9899, 5230), variant("60 qt", 11_400, 14_299, 7620)] },
        Product { title: "Sauté pan", details: "Carbon steel, long handle", category: "Cookware", service: false, tax: (NONE, SALES_TAX), weight: (12, 9), qty_milli: (2000, 18_000, 1000), variants: &[variant("10 in", 2450, 2999, 1540), variant("12 in", 2990, 3699, 1910)] },
        Product { title: "Sheet pan", details: "Full size, 18 gauge", category: "Cookware", service: false, tax: (NONE, SALES_TAX), weight: (15, 8), qty_milli: (6000, 48_000, 6000), variants: &[variant("Full", 1180, 1499, 720), variant("Half", 860, 1099, 510)] },
        Product { title: "Chef's knife", details: "Stamped, dishwasher safe", category: "Cookware", service: false, tax: (NONE, SALES_TAX), weight: (7, 11), qty_milli: (1000, 10_000, 1000), variants: &[variant("8 in", 2780, 3499, 1690), variant("10 in", 3240, 3999, 1980)] },
        Product { title: "Dinner plate", details: "Vitrified china, case of 12", category: "Tableware", service: false, tax: (NONE, SALES_TAX), weight: (16, 5), qty_milli: (2000, 24_000, 1000), variants: &[variant("9 in", 6480, 7999, 4180), variant("11 in", 8160, 9999, 5320)] },
        Product { title: "Pint glass", details: "Tempered, case of 24", category: "Tableware", service: false, tax: (NONE, SALES_TAX), weight: (14, 5), qty_milli: (2000, 20_000, 1000), variants: &[variant("16 oz", 4320, 5299, 2710)] },
        Product { title: "Flatware", details: "18/0 steel, dozen", category: "Tableware", service: false, tax: (NONE, SALES_TAX), weight: (11, 4), qty_milli: (4000, 36_000, 2000), variants: &[variant("Fork", 1020, 1299, 590), variant("Knife", 1340, 1699, 810), variant("Spoon", 980, 1249, 560)] },
        Product { title: "Compostable clamshell", details: "Bagasse, case of 500", category: "Disposables", service: false, tax: (NONE, SALES_TAX), weight: (24, 4), qty_milli: (2000, 30_000, 1000), variants: &[variant("8 in", 7450, 8999, 5060), variant("9 in", 8230, 9999, 5640)] },
        Product { title: "Nitrile gloves", details: "Powder free, case of 1,000", category: "Disposables", service: false, tax: (NONE, SALES_TAX), weight: (20, 6), qty_milli: (1000, 16_000, 1000), variants: &[variant("M", 5980, 7299, 3900), variant("L", 5980, 7299, 3900)] },
        Product { title: "Food wrap", details: "18 in × 2,000 ft", category: "Disposables", service: false, tax: (NONE, SALES_TAX), weight: (18, 4), qty_milli: (2000, 24_000, 2000), variants: &[variant("Roll", 2140, 2699, 1330)] },
        Product { title: "Degreaser", details: "Concentrate, 4 × 1 gal", category: "Cleaning", service: false, tax: (NONE, SALES_TAX), weight: (13, 3), qty_milli: (1000, 10_000, 1000), variants: &[variant("Case", 4890, 5999, 3020)] },
        Product { title: "Delivery, own truck", details: "Within King and Pierce counties", category: "Services", service: true, tax: (NONE, SALES_TAX), weight: (10, 0), qty_milli: (1000, 2000, 1000), variants: &[variant("Drop", 4500, 4500, 0)] },
    ],
    stocked: true,
    invoicing: Invoicing { per_day_milli: 13_200, customers: 190, new_a_month_milli: 3500, lines: (1, 5), terms_days: &[30, 30, 30, 15, 45], cheque_bp: 3800 },
    suppliers: &[
        Supplier { name: "Ironbark Cookware Mfg", account: Account::Inventory, per_week_milli: 2400, share_bp: 0, stock: true, lines: &[], terms_days: 30, tax: NONE },
        Supplier { name: "Great Basin Paper", account: Account::Inventory, per_week_milli: 2400, share_bp: 0, stock: true, lines: &[], terms_days: 30, tax: NONE },
        Supplier { name: "Lakeshore China & Glass", account: Account::Inventory, per_week_milli: 2400, share_bp: 0, stock: true, lines: &[], terms_days: 45, tax: NONE },
        Supplier { name: "Sound Freight Lines", account: Account::Freight, per_week_milli: 2000, share_bp: 420, stock: false, lines: &[("LTL shipment", 18_400), ("Fuel surcharge", 3200), ("Pallet handling", 1450)], terms_days: 15, tax: NONE },
        Supplier { name: "Evergreen Staffing", account: Account::Wages, per_week_milli: 500, share_bp: 180, stock: false, lines: &[("Warehouse temp, hour", 2650)], terms_days: 15, tax: NONE },
    ],
    overheads: &[
        Overhead { payee: "Port Industrial Properties", text: "Warehouse lease", account: Account::Rent, category: Category::RentPaid, amount: 1_480_000, varies: 0, every_months: 1, day: 1, pay: Pay::StandingOrder, taxed: false },
        Overhead { payee: "Tacoma Power & Light", text: "Electricity", account: Account::Utilities, category: Category::UtilityBills, amount: 212_000, varies: 16, every_months: 1, day: 11, pay: Pay::DirectDebit, taxed: false },
        Overhead { payee: "Rainline Telecom", text: "Phones and fiber", account: Account::Telephone, category: Category::SoftwareAndPhone, amount: 48_900, varies: 3, every_months: 1, day: 15, pay: Pay::DirectDebit, taxed: false },
        Overhead { payee: "StockPath", text: "Warehouse software", account: Account::Software, category: Category::SoftwareAndPhone, amount: 89_000, varies: 0, every_months: 1, day: 4, pay: Pay::DirectDebit, taxed: false },
        Overhead { payee: "Olympic Mutual", text: "Liability and property, one year", account: Account::Insurance, category: Category::InsurancePaid, amount: 3_840_000, varies: 3, every_months: 12, day: 8, pay: Pay::Ahead, taxed: false },
        Overhead { payee: "Birch & Lund CPAs", text: "Quarterly review", account: Account::Professional, category: Category::Suppliers, amount: 460_000, varies: 8, every_months: 3, day: 21, pay: Pay::Bill, taxed: false },
        Overhead { payee: "Summit Truck Leasing", text: "Two box trucks", account: Account::Vehicles, category: Category::TravelAndVehicles, amount: 318_000, varies: 2, every_months: 1, day: 10, pay: Pay::Bill, taxed: false },
        Overhead { payee: "Chef's Table Weekly", text: "Trade advertising", account: Account::Marketing, category: Category::Advertising, amount: 145_000, varies: 20, every_months: 1, day: 19, pay: Pay::Bill, taxed: false },
    ],
    payroll: Payroll { gross: 6_480_000, varies: 4, withheld_bp: 1840, employer_bp: 850, day: 28, tax_office: "US TREASURY EFTPS" },
    card: &[
        Merchant { name: "Cascade Fuel Stop", account: Account::Vehicles, category: Category::TravelAndVehicles, amount: (4800, 21_000) },
        Merchant { name: "Alaska Skyways", account: Account::Travel, category: Category::TravelAndVehicles, amount: (18_900, 64_000) },
        Merchant { name: "Office Barn", account: Account::Office, category: Category::Sundry, amount: (1900, 24_000) },
        Merchant { name: "Searchlight Ads", account: Account::Marketing, category: Category::Advertising, amount: (12_000, 45_000) },
        Merchant { name: "Dockside Hardware", account: Account::Repairs, category: Category::Sundry, amount: (1100, 28_000) },
    ],
    card_per_week_milli: 4500,
    shop: Shop { per_day_milli: 3800, web_bp: 6200, cash_bp: 700, tip_bp: 0, taxes_included: false, lines: (1, 3), most_of_one: 5, processor: "Paylane", fee_bp: 290, fee_fixed: 30, pays_out_weekly: false, shipping: &[("Ground", 1299), ("Freight", 4900), ("Two-day", 2499)], free_shipping_from: 25_000, shipping_tax: SALES_TAX, sites: &[("Airport Way trade counter", "store"), ("alderridge.example", "online"), ("Tacoma warehouse", "warehouse")], till_float: 30_000, coin: 25 },
    opening: Opening { cash: 24_318_455, savings: 15_000_000, equipment: 38_600_000, depreciated: 14_200_000, loan: 30_000_000, loan_rate_bp: 725, loan_repayment: 625_000, capital: 20_000_000, overdraft: 10_000_000, savings_rate_bp: 380, bank_fee: 4500, comfortable_cash: 22_000_000, equipment_a_year: 5_200_000, round: 500_000 },
    months: [88, 86, 97, 102, 112, 115, 108, 106, 98, 96, 98, 94],
    invoice_days: [150, 145, 140, 140, 115, 10, 0],
    shop_days: [120, 118, 115, 118, 122, 80, 27],
    growth_percent_a_year: 9,
};

#[rustfmt::skip]
const LOCALE: Locale = Locale {
    given: &["Maya", "Jordan", "Elena", "Marcus", "Tara", "Wes", "Dana", "Luis", "Kim", "Andre", "Paige", "Rafael", "Joy", "Colin", "Sofia", "Grant", "Leilani", "Theo", "Renee", "Hector", "Abby", "Ming", "Jesse", "Noor"],
    family: &["Alvarez", "Brandt", "Chow", "Delgado", "Ellison", "Fukuda", "Garrity", "Hayes", "Ibarra", "Jensen", "Kowalski", "Larkin", "Moreau", "Nguyen", "Ortega", "Park", "Quimby", "Reyes", "Sandoval", "Tran", "Underhill", "Vance", "Wheeler", "Yates"],
    firms: &["Blue Heron", "Copper Kettle", "Driftwood", "Emerald", "Fifth Street", "Golden Oar", "Hearthstone", "Juniper", "Lantern", "Mariner", "Northgate", "Old Mill", "Pike Hill", "Red Cedar", "Saltgrass", "Tidewater", "Union Square", "Wild Sage"],
    kinds: &["Bistro", "Diner", "Grill", "Taqueria", "Noodle House", "Brewing", "Catering", "Café", "Bakery", "Pizza Co.", "Hotel", "Steakhouse", "Seafood", "Kitchen"],
    streets: &["Pacific Ave", "Commerce St", "6th Ave", "Broadway", "Division St", "Harbor Dr", "Union Ave", "Market St", "Pearl St", "Fawcett Ave"],
    number_last: false,
    towns: &[("Tacoma", Some("WA"), "984##"), ("Seattle", Some("WA"), "981##"), ("Olympia", Some("WA"), "985##"), ("Portland", Some("OR"), "972##"), ("Bellevue", Some("WA"), "980##"), ("Everett", Some("WA"), "982##"), ("Vancouver", Some("WA"), "986##")],
    phone: "+1 253 555 01##",
    mobile: "+1 206 555 01##",
    company_number: "60#-###-###",
    tax_number: "91-#######",
};

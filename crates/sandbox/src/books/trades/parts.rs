//! Wattle Creek Auto Parts: a distributor with many small invoices a day, in Australian dollars.

use super::*;

const GST: usize = 1;

// One row a line, as the tables they are.
#[rustfmt::skip]
pub(super) const TRADE: Trade = Trade {
    business: Business {
        id: "wattle-creek-auto-parts",
        name: "Wattle Creek Auto Parts Pty Ltd",
        trade: "Auto parts distributor",
        country: "AU",
        currency: "AUD",
        size: "large: about 100,000 ledger entries in two years",
        description: "Delivers parts to hundreds of workshops, several times a day. The one to try long lists on.",
    },
    registered: Registered {
        name: "Wattle Creek Auto Parts Pty Ltd",
        company_number: "ACN 605 551 187",
        tax_number: "ABN 33 605 551 187",
        street: "88 Foundry Road",
        town: "Geelong",
        region: Some("VIC"),
        postcode: "3214",
        country3: "AUS",
        phone: "+61 3 5550 0188",
        website: "https://wattlecreekparts.example",
        year_starts: 7,
        bank: Bank { id: "corio-bay", name: "Corio Bay Bank", bic: "CRBYAU3M", sort_code: Some("833-205"), number: "118820447", savings_number: "118820455", iban: None, savings_iban: None, card_ends: "5567" },
    },
    locale: &LOCALE,
    exponent: 2,
    prefix: "WCP",
    titles: &[
        (Account::Sales, "Trade sales"),
        (Account::ShopSales, "Counter and online sales"),
        (Account::Tax, "GST"),
        (Account::PayrollTax, "PAYG and superannuation"),
        (Account::EmployerCosts, "Superannuation"),
    ],
    taxes: &[
        Tax { code: "NONE", title: "BAS excluded", rate_bp: 0, parts: &[] },
        Tax { code: "GST", title: "GST 10%", rate_bp: 1000, parts: &[("GST", 1000)] },
    ],
    purchase_tax: GST,
    products: &[
        Product { title: "Brake pads", details: "Ceramic, set of four", category: "Brakes", service: false, tax: (GST, GST), weight: (26, 9), qty_milli: (1000, 4000, 1000), variants: &[variant("Front", 5450, 7495, 3380), variant("Rear", 4980, 6895, 3040)] },
        Product { title: "Brake rotor", details: "Vented, pair", category: "Brakes", service: false, tax: (GST, GST), weight: (16, 5), qty_milli: (1000, 3000, 1000), variants: &[variant("280 mm", 11_900, 16_495, 7640), variant("320 mm", 14_600, 19_995, 9410)] },
        Product { title: "Oil filter", details: "Spin-on", category: "Filters", service: false, tax: (GST, GST), weight: (34, 10), qty_milli: (1000, 12_000, 1000), variants: &[variant("Z79A", 890, 1395, 470), variant("Z418", 940, 1495, 505), variant("Z516", 1120, 1695, 610)] },
        Product { title: "Air filter", details: "Panel", category: "Filters", service: false, tax: (GST, GST), weight: (22, 7), qty_milli: (1000, 6000, 1000), variants: &[variant("A1358", 1480, 2295, 830), variant("A1575", 1710, 2595, 980)] },
        Product { title: "Engine oil", details: "Full synthetic", category: "Fluids", service: false, tax: (GST, GST), weight: (28, 14), qty_milli: (1000, 10_000, 1000), variants: &[variant("5W-30, 5 l", 3890, 5495, 2510), variant("10W-40, 5 l", 3420, 4895, 2170)] },
        Product { title: "Coolant", details: "Long life, premixed", category: "Fluids", service: false, tax: (GST, GST), weight: (14, 8), qty_milli: (1000, 8000, 1000), variants: &[variant("5 l", 2140, 3195, 1280)] },
        Product { title: "Battery", details: "Maintenance free", category: "Electrical", service: false, tax: (GST, GST), weight: (13, 8), qty_milli: (1000, 2000, 1000), variants: &[variant("NS60", 11_800, 15_995, 8010), variant("DIN66", 15_400, 20_995, 10_620)] },
        Product { title: "Spark plug", details: "Iridium", category: "Electrical", service: false, tax: (GST, GST), weight: (20, 6), qty_milli: (4000, 8000, 2000), variants: &[variant("SIL-6", 1360, 1995, 790)] },
        Product { title: "Wiper blades", details: "Beam, pair", category: "Body", service: false, tax: (GST, GST), weight: (11, 12), qty_milli: (1000, 4000, 1000), variants: &[variant("24/18 in", 2480, 3995, 1340)] },
        Product { title: "Shock absorber", details: "Gas, each", category: "Suspension", service: false, tax: (GST, GST), weight: (9, 3), qty_milli: (2000, 4000, 2000), variants: &[variant("Front", 9650, 13_495, 6180), variant("Rear", 8790, 12_295, 5560)] },
        Product { title: "Timing belt kit", details: "With tensioner and pump", category: "Engine", service: false, tax: (GST, GST), weight: (7, 2), qty_milli: (1000, 2000, 1000), variants: &[variant("Kit", 24_500, 33_495, 16_300)] },
    ],
    stocked: true,
    invoicing: Invoicing { per_day_milli: 73_000, customers: 420, new_a_month_milli: 5200, lines: (1, 3), terms_days: &[30, 30, 14, 7], cheque_bp: 150 },
    suppliers: &[
        Supplier { name: "Southern Friction", account: Account::Inventory, per_week_milli: 5000, share_bp: 0, stock: true, lines: &[], terms_days: 30, tax: GST },
        Supplier { name: "Austral Filtration", account: Account::Inventory, per_week_milli: 5000, share_bp: 0, stock: true, lines: &[], terms_days: 30, tax: GST },
        Supplier { name: "Bass Strait Lubricants", account: Account::Inventory, per_week_milli: 5000, share_bp: 0, stock: true, lines: &[], terms_days: 30, tax: GST },
        Supplier { name: "Voltline Batteries", account: Account::Inventory, per_week_milli: 5000, share_bp: 0, stock: true, lines: &[], terms_days: 45, tax: GST },
        Supplier { name: "Coast Couriers", account: Account::Freight, per_week_milli: 5000, share_bp: 330, stock: false, lines: &[("Metro run", 14_500), ("Regional satchel", 1150), ("Fuel levy", 4200)], terms_days: 14, tax: GST },
        Supplier { name: "Barwon Labour Hire", account: Account::Wages, per_week_milli: 1000, share_bp: 260, stock: false, lines: &[("Storeperson, hour", 4450)], terms_days: 7, tax: GST },
    ],
    overheads: &[
        Overhead { payee: "Foundry Road Trust", text: "Warehouse rent", account: Account::Rent, category: Category::RentPaid, amount: 1_650_000, varies: 0, every_months: 1, day: 1, pay: Pay::StandingOrder, taxed: true },
        Overhead { payee: "Otway Energy", text: "Electricity", account: Account::Utilities, category: Category::UtilityBills, amount: 385_000, varies: 14, every_months: 1, day: 14, pay: Pay::DirectDebit, taxed: true },
        Overhead { payee: "Bellarine Telecom", text: "Phones and data", account: Account::Telephone, category: Category::SoftwareAndPhone, amount: 118_000, varies: 3, every_months: 1, day: 8, pay: Pay::DirectDebit, taxed: true },
        Overhead { payee: "PartsIndex", text: "Catalogue data", account: Account::Software, category: Category::SoftwareAndPhone, amount: 264_000, varies: 0, every_months: 1, day: 3, pay: Pay::DirectDebit, taxed: true },
        Overhead { payee: "Cape Otway Insurance", text: "Stock, fleet and liability, one year", account: Account::Insurance, category: Category::InsurancePaid, amount: 5_240_000, varies: 3, every_months: 12, day: 10, pay: Pay::Ahead, taxed: true },
        Overhead { payee: "You Yangs Fleet", text: "Nine delivery vans", account: Account::Vehicles, category: Category::TravelAndVehicles, amount: 1_045_000, varies: 3, every_months: 1, day: 12, pay: Pay::Bill, taxed: true },
        Overhead { payee: "Lara Partners", text: "Accountants", account: Account::Professional, category: Category::Suppliers, amount: 890_000, varies: 6, every_months: 3, day: 22, pay: Pay::Bill, taxed: true },
        Overhead { payee: "Grease & Gears Radio", text: "Sponsorship", account: Account::Marketing, category: Category::Advertising, amount: 420_000, varies: 10, every_months: 1, day: 18, pay: Pay::Bill, taxed: true },
    ],
    payroll: Payroll { gross: 6_900_000, varies: 3, withheld_bp: 2050, employer_bp: 1150, day: 28, tax_office: "AUSTRALIAN TAXATION OFFICE" },
    card: &[
        Merchant { name: "Ring Road Fuel", account: Account::Vehicles, category: Category::TravelAndVehicles, amount: (6500, 19_500) },
        Merchant { name: "Bay Hardware", account: Account::Repairs, category: Category::Sundry, amount: (1200, 38_000) },
        Merchant { name: "Southern Skies", account: Account::Travel, category: Category::TravelAndVehicles, amount: (18_000, 82_000) },
        Merchant { name: "Officeworld", account: Account::Office, category: Category::Sundry, amount: (1800, 42_000) },
        Merchant { name: "Searchlight Ads", account: Account::Marketing, category: Category::Advertising, amount: (20_000, 90_000) },
    ],
    card_per_week_milli: 14_000,
    shop: Shop { per_day_milli: 9000, web_bp: 5400, cash_bp: 900, tip_bp: 0, taxes_included: true, lines: (1, 3), most_of_one: 3, processor: "Paylane", fee_bp: 170, fee_fixed: 30, pays_out_weekly: false, shipping: &[("Standard", 1195), ("Express", 1995)], free_shipping_from: 14_900, shipping_tax: GST, sites: &[("Geelong counter", "store"), ("Ballarat counter", "store"), ("wattlecreekparts.example", "online"), ("Foundry Road warehouse", "warehouse")], till_float: 60_000, coin: 5 },
    opening: Opening { cash: 86_204_518, savings: 40_000_000, equipment: 124_000_000, depreciated: 51_000_000, loan: 90_000_000, loan_rate_bp: 705, loan_repayment: 1_500_000, capital: 60_000_000, overdraft: 40_000_000, savings_rate_bp: 420, bank_fee: 8500, comfortable_cash: 70_000_000, equipment_a_year: 14_000_000, round: 1_000_000 },
    months: [90, 98, 104, 98, 102, 98, 100, 102, 102, 106, 108, 92],
    invoice_days: [150, 142, 138, 138, 128, 34, 0],
    shop_days: [112, 104, 102, 104, 114, 116, 48],
    growth_percent_a_year: 8,
};

#[rustfmt::skip]
const LOCALE: Locale = Locale {
    given: &["Jack", "Chloe", "Liam", "Matilda", "Cooper", "Isla", "Banjo", "Ruby", "Nikhil", "Georgia", "Angus", "Thuy", "Darcy", "Zoe", "Hamish", "Mei", "Lachlan", "Sienna", "Costa", "Tahlia", "Beau", "Priya", "Kane", "Ellie"],
    family: &["Nguyen", "O'Brien", "Papas", "Campbell", "Rossi", "McKenzie", "Singh", "Taylor", "Doyle", "Kelly", "Fraser", "Marino", "Tran", "Hughes", "Stavros", "Burke", "Quinn", "Dawson", "Petrov", "Walker", "Ferguson", "Ahmadi", "Lawson", "Bright", "Cole", "Drummond", "Eastman", "Farrow", "Gill", "Hart"],
    firms: &["Bayside", "Western Plains", "Surf Coast", "Precision", "All Makes", "Torque", "Goldfields", "Ironbark", "Princes Highway", "Lighthouse", "Redgum", "Kombi", "Highland", "Corio", "Great Ocean", "Pit Stop", "Six Cylinder", "Magpie", "Eureka", "Blackwood", "Southern Cross", "Overlander", "Station Street", "Twin Cam", "Full Throttle", "Riverbend"],
    kinds: &["Motors", "Auto Repairs", "Mechanical", "Tyre & Brake", "Garage", "Auto Electrics", "Smash Repairs", "4WD", "Fleet Services", "Car Care", "Exhausts", "Transport"],
    streets: &["High Street", "Melbourne Road", "Ryrie Street", "Moorabool Street", "Sturt Street", "Industrial Drive", "Mercer Street", "Latrobe Terrace", "Fyans Street", "Boundary Road", "Station Street", "Thompson Road"],
    number_last: false,
    towns: &[("Geelong", Some("VIC"), "32##"), ("Ballarat", Some("VIC"), "33##"), ("Werribee", Some("VIC"), "30##"), ("Colac", Some("VIC"), "32##"), ("Torquay", Some("VIC"), "32##"), ("Melton", Some("VIC"), "33##"), ("Bendigo", Some("VIC"), "35##"), ("Warrnambool", Some("VIC"), "32##"), ("Lara", Some("VIC"), "32##"), ("Footscray", Some("VIC"), "30##")],
    phone: "+61 3 5550 0###",
    mobile: "+61 491 570 ###",
    company_number: "ACN 6## ### ###",
    tax_number: "ABN ## 6## ### ###",
};

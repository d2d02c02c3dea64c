//! Harbour Lane Café: a small café and caterer in a Yorkshire harbour town, in pounds.

use super::*;

const STANDARD: usize = 1;
const ZERO: usize = 2;

// One row a line, as the tables they are.
#[rustfmt::skip]
pub(super) const TRADE: Trade = Trade {
    business: Business {
        id: "harbour-lane-cafe",
        name: "Harbour Lane Café Ltd",
        trade: "Café and catering",
        country: "GB",
        currency: "GBP",
        size: "about 20,000 orders at the till, 600 invoices",
        description: "A café by the harbour that also caters for offices. Most sales are cards and cash at the till.",
    },
    registered: Registered {
        name: "Harbour Lane Café Ltd",
        company_number: "08841207",
        tax_number: "GB 318 4420 17",
        street: "14 Harbour Lane",
        town: "Whitby",
        region: Some("North Yorkshire"),
        postcode: "YO21 3PU",
        country3: "GBR",
        phone: "+44 1947 555 0142",
        website: "https://harbourlane.example",
        year_starts: 4,
        bank: Bank {
            id: "tern-bank",
            name: "Tern Bank",
            bic: "TERNGB2L",
            sort_code: Some("20-44-61"),
            number: "41882907",
            savings_number: "41882915",
            iban: Some("GB48TERN20446141882907"),
            savings_iban: Some("GB26TERN20446141882915"),
            card_ends: "4471",
        },
    },
    locale: &LOCALE,
    exponent: 2,
    prefix: "HLC",
    titles: &[
        (Account::Sales, "Catering"),
        (Account::ShopSales, "Till sales"),
        (Account::CostOfSales, "Food and drink"),
        (Account::Tax, "VAT"),
        (Account::OwnerLoan, "Director's loan"),
    ],
    taxes: &[
        Tax { code: "NONE", title: "No VAT", rate_bp: 0, parts: &[] },
        Tax { code: "STD", title: "VAT 20%", rate_bp: 2000, parts: &[("VAT", 2000)] },
        Tax { code: "ZERO", title: "Zero-rated food", rate_bp: 0, parts: &[] },
    ],
    purchase_tax: STANDARD,
    products: &[
        Product { title: "Flat white", details: "Double ristretto and steamed milk", category: "Coffee", service: false, tax: (STANDARD, STANDARD), weight: (0, 30), qty_milli: (4000, 20_000, 1000), variants: &[variant("Regular", 283, 340, 84), variant("Large", 325, 390, 98)] },
        Product { title: "Filter coffee", details: "Batch brewed, changes weekly", category: "Coffee", service: false, tax: (STANDARD, STANDARD), weight: (6, 16), qty_milli: (6000, 40_000, 2000), variants: &[variant("Cup", 225, 270, 52)] },
        Product { title: "Pot of tea", details: "Loose leaf, milk or lemon", category: "Tea", service: false, tax: (STANDARD, STANDARD), weight: (5, 18), qty_milli: (6000, 30_000, 2000), variants: &[variant("Breakfast", 242, 290, 38), variant("Herbal", 242, 290, 44)] },
        Product { title: "Hot chocolate", details: "Whipped cream and marshmallows", category: "Tea", service: false, tax: (STANDARD, STANDARD), weight: (0, 9), qty_milli: (2000, 8000, 1000), variants: &[variant("Regular", 300, 360, 92)] },
        Product { title: "Cheese scone", details: "Baked each morning", category: "Bakery", service: false, tax: (ZERO, ZERO), weight: (8, 20), qty_milli: (6000, 36_000, 6000), variants: &[variant("Each", 260, 260, 71)] },
        Product { title: "Lemon drizzle cake", details: "By the slice or whole", category: "Bakery", service: false, tax: (ZERO, ZERO), weight: (7, 17), qty_milli: (1000, 6000, 1000), variants: &[variant("Slice", 340, 340, 96), variant("Whole", 2800, 2800, 860)] },
        Product { title: "Crab sandwich", details: "Whitby crab on granary", category: "Lunch", service: false, tax: (STANDARD, STANDARD), weight: (5, 12), qty_milli: (6000, 24_000, 2000), variants: &[variant("Each", 733, 880, 312)] },
        Product { title: "Soup of the day", details: "With bread and butter", category: "Lunch", service: false, tax: (STANDARD, STANDARD), weight: (0, 11), qty_milli: (4000, 16_000, 2000), variants: &[variant("Bowl", 525, 630, 158)] },
        Product { title: "Full breakfast", details: "Served until noon", category: "Lunch", service: false, tax: (STANDARD, STANDARD), weight: (0, 14), qty_milli: (1000, 1000, 1000), variants: &[variant("Plate", 900, 1080, 345)] },
        Product { title: "Working lunch", details: "Sandwiches, fruit and cake for one, delivered", category: "Catering", service: false, tax: (STANDARD, STANDARD), weight: (26, 0), qty_milli: (6000, 40_000, 1000), variants: &[variant("Classic", 950, 1140, 365), variant("Vegan", 980, 1176, 342)] },
        Product { title: "Afternoon tea for a function", details: "Set up and cleared by us", category: "Catering", service: true, tax: (STANDARD, STANDARD), weight: (7, 0), qty_milli: (10_000, 60_000, 2000), variants: &[variant("Per head", 1650, 1980, 0)] },
        Product { title: "House blend beans", details: "Roasted for us in the Dales", category: "Beans", service: false, tax: (ZERO, ZERO), weight: (3, 5), qty_milli: (2000, 12_000, 1000), variants: &[variant("250 g", 850, 850, 430), variant("1 kg", 2900, 2900, 1550)] },
    ],
    stocked: false,
    invoicing: Invoicing { per_day_milli: 800, customers: 28, new_a_month_milli: 900, lines: (1, 3), terms_days: &[14, 14, 30], cheque_bp: 200 },
    suppliers: &[
        Supplier { name: "Dales Roastery", account: Account::CostOfSales, per_week_milli: 1000, share_bp: 850, stock: false, lines: &[("House blend, 6 kg", 9300), ("Decaf, 1 kg", 1750), ("Loose leaf tea, 500 g", 1420)], terms_days: 14, tax: ZERO },
        Supplier { name: "Esk Valley Produce", account: Account::CostOfSales, per_week_milli: 2000, share_bp: 1250, stock: false, lines: &[("Vegetables, mixed crate", 2450), ("Eggs, 10 dozen", 2300), ("Bread, granary", 165), ("Fruit, seasonal", 1890)], terms_days: 14, tax: ZERO },
        Supplier { name: "North Sea Shellfish", account: Account::CostOfSales, per_week_milli: 1000, share_bp: 600, stock: false, lines: &[("Dressed crab", 540), ("Smoked salmon side", 1980)], terms_days: 7, tax: ZERO },
        Supplier { name: "Moorland Dairy", account: Account::CostOfSales, per_week_milli: 1400, share_bp: 550, stock: false, lines: &[("Whole milk, 10 l", 980), ("Butter, 5 kg", 3650), ("Cheddar, 2.5 kg", 2390)], terms_days: 14, tax: ZERO },
        Supplier { name: "Cup & Carton Supplies", account: Account::Freight, per_week_milli: 330, share_bp: 160, stock: false, lines: &[("Takeaway cups, 1,000", 6200), ("Napkins, carton", 2150), ("Sandwich boxes, 250", 3400)], terms_days: 30, tax: STANDARD },
    ],
    overheads: &[
        Overhead { payee: "Endeavour Estates", text: "Rent, 14 Harbour Lane", account: Account::Rent, category: Category::RentPaid, amount: 95_000, varies: 0, every_months: 1, day: 1, pay: Pay::StandingOrder, taxed: false },
        Overhead { payee: "Northern Grid Energy", text: "Electricity and gas", account: Account::Utilities, category: Category::UtilityBills, amount: 41_000, varies: 18, every_months: 1, day: 9, pay: Pay::DirectDebit, taxed: true },
        Overhead { payee: "Moor Water", text: "Water", account: Account::Utilities, category: Category::UtilityBills, amount: 14_500, varies: 10, every_months: 3, day: 20, pay: Pay::DirectDebit, taxed: false },
        Overhead { payee: "Gannet Broadband", text: "Internet and telephone", account: Account::Telephone, category: Category::SoftwareAndPhone, amount: 4200, varies: 0, every_months: 1, day: 14, pay: Pay::DirectDebit, taxed: true },
        Overhead { payee: "Lantern Insurance", text: "Business cover for a year", account: Account::Insurance, category: Category::InsurancePaid, amount: 86_400, varies: 2, every_months: 12, day: 5, pay: Pay::Ahead, taxed: false },
        Overhead { payee: "Hale & Thirsk Accountants", text: "Bookkeeping and accounts", account: Account::Professional, category: Category::Suppliers, amount: 54_000, varies: 5, every_months: 3, day: 24, pay: Pay::Bill, taxed: true },
        Overhead { payee: "Saltwick Cleaning", text: "Deep clean", account: Account::Repairs, category: Category::Suppliers, amount: 18_000, varies: 12, every_months: 1, day: 26, pay: Pay::Bill, taxed: true },
    ],
    payroll: Payroll { gross: 780_000, varies: 6, withheld_bp: 1350, employer_bp: 720, day: 26, tax_office: "HMRC" },
    card: &[
        Merchant { name: "Harbour Hardware", account: Account::Repairs, category: Category::Sundry, amount: (640, 6800) },
        Merchant { name: "Meta Post Ads", account: Account::Marketing, category: Category::Advertising, amount: (1500, 6000) },
        Merchant { name: "Tillwave Plus", account: Account::Software, category: Category::SoftwareAndPhone, amount: (2900, 2900) },
        Merchant { name: "Esk Fuel", account: Account::Vehicles, category: Category::TravelAndVehicles, amount: (3200, 7400) },
        Merchant { name: "Stationery Shed", account: Account::Office, category: Category::Sundry, amount: (450, 3900) },
    ],
    card_per_week_milli: 2200,
    shop: Shop { per_day_milli: 24_000, web_bp: 150, cash_bp: 2600, tip_bp: 1800, taxes_included: true, lines: (1, 4), most_of_one: 3, processor: "Tillwave", fee_bp: 175, fee_fixed: 0, pays_out_weekly: false, shipping: &[("Tracked post", 395)], free_shipping_from: 4000, shipping_tax: STANDARD, sites: &[("Harbour Lane", "store"), ("Quayside kiosk", "store"), ("Online shop", "online")], till_float: 20_000, coin: 10 },
    opening: Opening { cash: 1_184_210, savings: 600_000, equipment: 2_640_000, depreciated: 790_000, loan: 1_500_000, loan_rate_bp: 690, loan_repayment: 41_600, capital: 10_000, overdraft: 300_000, savings_rate_bp: 310, bank_fee: 850, comfortable_cash: 900_000, equipment_a_year: 240_000, round: 10_000 },
    months: [72, 78, 90, 104, 112, 118, 138, 144, 110, 96, 74, 88],
    invoice_days: [120, 130, 130, 140, 130, 25, 0],
    shop_days: [70, 74, 82, 88, 106, 150, 130],
    growth_percent_a_year: 7,
};

#[rustfmt::skip]
const LOCALE: Locale = Locale {
    given: &["Imogen", "Priya", "Callum", "Aisha", "Gareth", "Nadia", "Rowan", "Esme", "Tariq", "Beth", "Owen", "Harriet", "Kofi", "Megan", "Leo", "Saskia", "Dev", "Fiona", "Marcus", "Orla", "Joel", "Hannah", "Ravi", "Claire"],
    family: &["Marlowe", "Finch", "Okafor", "Whitaker", "Thornton", "Ahmed", "Pickering", "Lofthouse", "Barker", "Patel", "Holroyd", "Sutcliffe", "Naylor", "Hussain", "Dobson", "Cartwright", "Mensah", "Ellerby", "Stokes", "Raine", "Walsh", "Kaur", "Swales", "Garth"],
    firms: &["Abbey View", "Eastcliff", "Lighthouse", "Moorgate", "Jet Works", "Whalebone", "Saltersgate", "Larpool", "Upgang", "Sandsend", "Cliff Street", "Bluebell"],
    kinds: &["Solicitors", "Dental Practice", "Architects", "Surveyors", "Estate Agents", "Primary School", "Gallery", "Marine Services", "Housing Trust", "Accountancy", "Boatyard", "Theatre", "Surgery"],
    streets: &["Flowergate", "Baxtergate", "Church Street", "Skinner Street", "Silver Street", "Pier Road", "Grape Lane", "Station Square", "Prospect Hill", "Cliff Road"],
    number_last: false,
    towns: &[("Whitby", Some("North Yorkshire"), "YO21 #@@"), ("Sleights", None, "YO22 #@@"), ("Scarborough", Some("North Yorkshire"), "YO11 #@@"), ("Pickering", None, "YO18 #@@"), ("Guisborough", None, "TS14 #@@")],
    phone: "+44 1947 555 0###",
    mobile: "+44 7700 900###",
    company_number: "0#######",
    tax_number: "GB ### #### ##",
};

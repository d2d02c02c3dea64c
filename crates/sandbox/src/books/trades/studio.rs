//! Studio Veldhuis: a small design studio in Utrecht, in euros.

use super::*;

const STANDARD: usize = 1;
const REDUCED: usize = 2;
const REVERSED: usize = 3;

// One row a line, as the tables they are.
#[rustfmt::skip]
pub(super) const TRADE: Trade = Trade {
    business: Business {
        id: "studio-veldhuis",
        name: "Studio Veldhuis B.V.",
        trade: "Design studio",
        country: "NL",
        currency: "EUR",
        size: "about 900 invoices, 400 orders",
        description: "Brand and packaging design by the hour and by the project; sells its own prints on the side.",
    },
    registered: Registered {
        name: "Studio Veldhuis B.V.",
        company_number: "68551204",
        tax_number: "NL855512048B01",
        street: "Oudegracht 318",
        town: "Utrecht",
        region: None,
        postcode: "3511 PL",
        country3: "NLD",
        phone: "+31 30 555 0163",
        website: "https://studioveldhuis.example",
        year_starts: 1,
        bank: Bank { id: "domstad", name: "Domstad Bank", bic: "DOMSNL2U", sort_code: None, number: "0318455120", savings_number: "0318455139", iban: Some("NL21DOMS0318455120"), savings_iban: Some("NL68DOMS0318455139"), card_ends: "2093" },
    },
    locale: &LOCALE,
    exponent: 2,
    prefix: "SVH",
    titles: &[
        (Account::Sales, "Fees"),
        (Account::ShopSales, "Prints sold"),
        (Account::CostOfSales, "Production and printing"),
        (Account::Tax, "BTW (VAT)"),
        (Account::Freight, "Packaging and post"),
    ],
    taxes: &[
        Tax { code: "NONE", title: "No VAT", rate_bp: 0, parts: &[] },
        Tax { code: "HIGH", title: "BTW 21%", rate_bp: 2100, parts: &[("BTW", 2100)] },
        Tax { code: "LOW", title: "BTW 9%", rate_bp: 900, parts: &[("BTW", 900)] },
        Tax { code: "REVERSE", title: "BTW reverse charge", rate_bp: 0, parts: &[] },
    ],
    purchase_tax: STANDARD,
    products: &[
        Product { title: "Design", details: "By the hour", category: "Studio time", service: true, tax: (STANDARD, STANDARD), weight: (30, 0), qty_milli: (2000, 46_000, 250), variants: &[variant("Senior designer", 11_500, 13_915, 0), variant("Designer", 8500, 10_285, 0)] },
        Product { title: "Art direction", details: "By the hour", category: "Studio time", service: true, tax: (STANDARD, STANDARD), weight: (16, 0), qty_milli: (1000, 24_000, 250), variants: &[variant("Hour", 13_500, 16_335, 0)] },
        Product { title: "Brand identity", details: "Concept, mark and guidelines", category: "Projects", service: true, tax: (STANDARD, STANDARD), weight: (4, 0), qty_milli: (1000, 1000, 1000), variants: &[variant("Phase", 475_000, 574_750, 0)] },
        Product { title: "Packaging design", details: "Per product", category: "Projects", service: true, tax: (STANDARD, STANDARD), weight: (7, 0), qty_milli: (1000, 4000, 1000), variants: &[variant("Product", 182_000, 220_220, 0)] },
        Product { title: "Design for clients abroad", details: "By the hour, VAT reverse-charged", category: "Studio time", service: true, tax: (REVERSED, STANDARD), weight: (7, 0), qty_milli: (4000, 40_000, 500), variants: &[variant("Hour", 12_000, 14_520, 0)] },
        Product { title: "Print management", details: "Proofs and press check", category: "Production", service: true, tax: (STANDARD, STANDARD), weight: (8, 0), qty_milli: (1000, 3000, 1000), variants: &[variant("Job", 42_500, 51_425, 0)] },
        Product { title: "Canal houses print", details: "Four-colour riso, numbered", category: "Prints", service: false, tax: (STANDARD, STANDARD), weight: (0, 12), qty_milli: (1000, 1000, 1000), variants: &[variant("A4", 2066, 2500, 480), variant("A3", 3223, 3900, 790)] },
        Product { title: "Type specimen", details: "Letterpress on cotton", category: "Prints", service: false, tax: (STANDARD, STANDARD), weight: (0, 8), qty_milli: (1000, 1000, 1000), variants: &[variant("50 × 70", 4545, 5500, 1360)] },
        Product { title: "Colour for everyday things", details: "Book, 128 pages", category: "Books", service: false, tax: (REDUCED, REDUCED), weight: (0, 7), qty_milli: (1000, 1000, 1000), variants: &[variant("Paperback", 2615, 2850, 910)] },
    ],
    stocked: false,
    invoicing: Invoicing { per_day_milli: 1050, customers: 34, new_a_month_milli: 800, lines: (1, 4), terms_days: &[30, 30, 14, 60], cheque_bp: 0 },
    suppliers: &[
        Supplier { name: "Drukkerij Hoogland", account: Account::CostOfSales, per_week_milli: 600, share_bp: 700, stock: false, lines: &[("Digital print run", 18_500), ("Riso drum and ink", 9400), ("Cotton paper, 100 sheets", 7250)], terms_days: 30, tax: STANDARD },
        Supplier { name: "Lotte Brand, illustration", account: Account::Subcontract, per_week_milli: 400, share_bp: 800, stock: false, lines: &[("Illustration, day", 42_000)], terms_days: 14, tax: STANDARD },
        Supplier { name: "Webwerk Collectief", account: Account::Subcontract, per_week_milli: 350, share_bp: 900, stock: false, lines: &[("Front-end development, day", 56_000)], terms_days: 30, tax: STANDARD },
    ],
    overheads: &[
        Overhead { payee: "Werfkelder Verhuur", text: "Studio rent", account: Account::Rent, category: Category::RentPaid, amount: 234_000, varies: 0, every_months: 1, day: 1, pay: Pay::StandingOrder, taxed: true },
        Overhead { payee: "Stichtse Energie", text: "Energy", account: Account::Utilities, category: Category::UtilityBills, amount: 31_000, varies: 15, every_months: 1, day: 12, pay: Pay::DirectDebit, taxed: true },
        Overhead { payee: "Glasnet", text: "Fibre and phones", account: Account::Telephone, category: Category::SoftwareAndPhone, amount: 8900, varies: 0, every_months: 1, day: 5, pay: Pay::DirectDebit, taxed: true },
        Overhead { payee: "Vector Suite", text: "Design software, 6 seats", account: Account::Software, category: Category::SoftwareAndPhone, amount: 41_400, varies: 0, every_months: 1, day: 3, pay: Pay::DirectDebit, taxed: true },
        Overhead { payee: "Kruis Verzekeringen", text: "Professional liability, one year", account: Account::Insurance, category: Category::InsurancePaid, amount: 198_000, varies: 2, every_months: 12, day: 9, pay: Pay::Ahead, taxed: false },
        Overhead { payee: "Van Dam Accountants", text: "Bookkeeping", account: Account::Professional, category: Category::Suppliers, amount: 96_000, varies: 6, every_months: 3, day: 20, pay: Pay::Bill, taxed: true },
    ],
    payroll: Payroll { gross: 4_450_000, varies: 2, withheld_bp: 2550, employer_bp: 1860, day: 25, tax_office: "BELASTINGDIENST" },
    card: &[
        Merchant { name: "Spoorlijn", account: Account::Travel, category: Category::TravelAndVehicles, amount: (890, 8600) },
        Merchant { name: "Papierhuis", account: Account::Office, category: Category::Sundry, amount: (1200, 16_500) },
        Merchant { name: "Fontworks Market", account: Account::Software, category: Category::SoftwareAndPhone, amount: (3900, 29_000) },
        Merchant { name: "Eetcafé De Werf", account: Account::Marketing, category: Category::Sundry, amount: (2800, 14_000) },
    ],
    card_per_week_milli: 2600,
    shop: Shop { per_day_milli: 520, web_bp: 9000, cash_bp: 0, tip_bp: 0, taxes_included: true, lines: (1, 2), most_of_one: 2, processor: "Kassabrug", fee_bp: 180, fee_fixed: 25, pays_out_weekly: true, shipping: &[("Letterbox post", 425), ("Tube, registered", 895)], free_shipping_from: 7500, shipping_tax: STANDARD, sites: &[("Studio Oudegracht", "store"), ("studioveldhuis.example", "online")], till_float: 0, coin: 50 },
    opening: Opening { cash: 5_822_190, savings: 4_000_000, equipment: 4_150_000, depreciated: 1_480_000, loan: 0, loan_rate_bp: 0, loan_repayment: 0, capital: 1_800_000, overdraft: 1_000_000, savings_rate_bp: 210, bank_fee: 1290, comfortable_cash: 4_500_000, equipment_a_year: 620_000, round: 50_000 },
    months: [92, 98, 108, 104, 106, 104, 78, 66, 110, 116, 118, 100],
    invoice_days: [120, 130, 125, 130, 180, 15, 0],
    shop_days: [90, 90, 95, 100, 105, 115, 105],
    growth_percent_a_year: 6,
};

#[rustfmt::skip]
const LOCALE: Locale = Locale {
    given: &["Femke", "Daan", "Sanne", "Bram", "Noor", "Jeroen", "Lieke", "Tijn", "Fatima", "Ruben", "Maartje", "Sem", "Isa", "Koen", "Yara", "Thijs", "Roos", "Milan", "Anouk", "Pim"],
    family: &["de Wit", "Bakker", "Visser", "Jansen", "van Dijk", "Smits", "Mulder", "El Amrani", "Kuiper", "Postma", "Vos", "Brouwer", "van Leeuwen", "Dekker", "Hendriks", "Schouten", "Kok", "Prins", "Yilmaz", "Blom"],
    firms: &["Noordlicht", "Kersvers", "Getij", "Polder", "Vuurtoren", "Zilt", "Klaver", "Meridiaan", "Haven", "Linde", "Waterlinie", "Bries"],
    kinds: &["Brouwerij", "Foods B.V.", "Uitgeverij", "Museum", "Cosmetica", "Koffie", "Architecten", "Festival", "Fietsen B.V.", "Zorggroep", "Software B.V.", "Wonen"],
    streets: &["Kerkstraat", "Voorstraat", "Nieuwegracht", "Biltstraat", "Kanaalweg", "Stationsplein", "Lange Nieuwstraat", "Vismarkt", "Handelskade"],
    number_last: true,
    towns: &[("Utrecht", None, "35## @@"), ("Amsterdam", None, "10## @@"), ("Rotterdam", None, "30## @@"), ("Haarlem", None, "20## @@"), ("Antwerpen", None, "20##"), ("Eindhoven", None, "56## @@")],
    phone: "+31 30 555 0###",
    mobile: "+31 6 5550 0###",
    company_number: "6#######",
    tax_number: "NL#########B01",
};

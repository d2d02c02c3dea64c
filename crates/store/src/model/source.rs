//! The kind of platform that a connection leads to.

super::words! {
    /// The contract's `sourceType`.
    pub enum SourceType {
        Accounting => "Accounting",
        Banking => "Banking",
        BankFeed => "BankFeed",
        Commerce => "Commerce",
        Expense => "Expense",
        Other => "Other",
        Unknown => "Unknown",
    }
}

//! The scopes that a client may request, and their wording for a person.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::config::Product;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    Read(Product),
    /// Only books can be written to.
    WriteAccounting,
    OfflineAccess,
    OpenId,
    Profile,
    Email,
    Phone,
    Address,
}

impl Scope {
    pub(crate) const ALL: [Self; 10] = [
        Self::OpenId,
        Self::Profile,
        Self::Email,
        Self::Phone,
        Self::Address,
        Self::Read(Product::Accounting),
        Self::Read(Product::Commerce),
        Self::Read(Product::Banking),
        Self::WriteAccounting,
        Self::OfflineAccess,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::Read(product) => product.scope(),
            Self::WriteAccounting => "accounting.write",
            Self::OfflineAccess => "offline_access",
        }
    }
}

/// A set of scopes; as text, names with a space between (RFC 6749, section 3.3).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct Scopes(BTreeSet<Scope>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown scope {0:?}")]
pub(crate) struct UnknownScope(String);

impl Scopes {
    pub(crate) fn parse(text: &str) -> Result<Self, UnknownScope> {
        text.split_ascii_whitespace()
            .map(|name| {
                Scope::ALL
                    .into_iter()
                    .find(|scope| scope.name() == name)
                    .ok_or_else(|| UnknownScope(name.to_owned()))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub(crate) fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    pub(crate) fn within(&self, wider: &Self) -> bool {
        self.0.is_subset(&wider.0)
    }

    /// True if data of a product other than `product` is among it.
    pub(crate) fn reaches_beyond(&self, product: Product) -> bool {
        self.0.iter().any(|scope| match scope {
            Scope::Read(other) => *other != product,
            Scope::WriteAccounting => product != Product::Accounting,
            _ => false,
        })
    }

    pub(crate) fn reads(&self, product: Product) -> bool {
        self.contains(Scope::Read(product))
    }

    /// The changes that it allows a client, in plain words; `None` if it only reads.
    pub(crate) fn changes_in_plain_words(&self) -> Vec<&'static str> {
        if self.contains(Scope::WriteAccounting) {
            vec![
                "Add and change customers and suppliers",
                "Add invoices and bills, and change unpaid ones",
            ]
        } else {
            Vec::new()
        }
    }

    /// The data that it lets a client see, in plain words, one line each, for the consent page.
    pub(crate) fn in_plain_words(&self) -> Vec<&'static str> {
        let mut lines = Vec::new();
        for scope in &self.0 {
            match scope {
                Scope::Read(Product::Accounting) => lines.extend([
                    "Business details, accounts and tax rates",
                    "Customers, suppliers and items",
                    "Invoices, credit notes, bills and payments",
                    "Bank accounts and their transactions",
                    "Profit and loss, balance sheet and journals",
                ]),
                Scope::Read(Product::Commerce) => lines.extend([
                    "Shop details and locations",
                    "Products and customers",
                    "Orders, refunds, payments and payouts",
                ]),
                Scope::Read(Product::Banking) => lines.extend([
                    "Account names, numbers and balances",
                    "Transactions and their categories",
                ]),
                Scope::Profile => lines.push("Your name and profile"),
                Scope::Email => lines.push("Your email address"),
                Scope::Phone => lines.push("Your phone number"),
                Scope::Address => lines.push("Your postal address"),
                Scope::OpenId | Scope::OfflineAccess | Scope::WriteAccounting => {}
            }
        }
        lines
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|scope| scope.name()).collect();
        f.write_str(&names.join(" "))
    }
}

impl From<Scopes> for String {
    fn from(scopes: Scopes) -> Self {
        scopes.to_string()
    }
}

impl TryFrom<String> for Scopes {
    type Error = UnknownScope;

    fn try_from(text: String) -> Result<Self, UnknownScope> {
        Self::parse(&text)
    }
}

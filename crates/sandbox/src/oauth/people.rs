//! The people who sign in: four to choose from, and any email address.

use ring::digest;
use serde_json::{Map, Value, json};

use super::scope::{Scope, Scopes};

/// Shown on the sign-in page; it isn't a secret and isn't meant to be.
pub(crate) const PRACTICE_PASSWORD: &str = "practice";

/// A person with every claim of OpenID Connect Core, section 5.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) email: String,
    pub(crate) given_name: String,
    pub(crate) middle_name: String,
    pub(crate) family_name: String,
    pub(crate) nickname: String,
    /// The person's occupation, for the sign-in page.
    pub(crate) role: &'static str,
    gender: &'static str,
    birthdate: &'static str,
    phone_number: &'static str,
    street: &'static str,
    locality: &'static str,
    region: &'static str,
    postal_code: &'static str,
    country: &'static str,
    locale: &'static str,
    zoneinfo: &'static str,
}

/// Phone numbers are from the ranges that regulators set aside for fiction.
pub(crate) fn practised() -> [Person; 4] {
    let person = |email: &str, given: &str, middle: &str, family: &str, nickname: &str| Person {
        email: email.into(),
        given_name: given.into(),
        middle_name: middle.into(),
        family_name: family.into(),
        nickname: nickname.into(),
        ..unnamed()
    };
    [
        Person {
            role: "Owner",
            gender: "female",
            birthdate: "1986-04-17",
            phone_number: "+442079460143",
            ..person(
                "maya.okafor@practice.example",
                "Maya",
                "Adaeze",
                "Okafor",
                "May",
            )
        },
        Person {
            role: "Finance director",
            gender: "male",
            birthdate: "1974-11-02",
            phone_number: "+12025550118",
            street: "218 Alder Street",
            locality: "Portland",
            region: "OR",
            postal_code: "97205",
            country: "US",
            locale: "en-US",
            zoneinfo: "America/Los_Angeles",
            ..person(
                "daniel.whitfield@practice.example",
                "Daniel",
                "James",
                "Whitfield",
                "Dan",
            )
        },
        Person {
            role: "Bookkeeper",
            gender: "female",
            birthdate: "1991-06-23",
            phone_number: "+46701740612",
            street: "Lingongatan 12",
            locality: "Göteborg",
            region: "Västra Götaland",
            postal_code: "411 05",
            country: "SE",
            locale: "sv-SE",
            zoneinfo: "Europe/Stockholm",
            ..person(
                "ingrid.lindqvist@practice.example",
                "Ingrid",
                "Elsa",
                "Lindqvist",
                "Inga",
            )
        },
        Person {
            role: "Accountant",
            gender: "male",
            birthdate: "1982-01-30",
            phone_number: "+61491570156",
            street: "7 Wattle Lane",
            locality: "Brisbane",
            region: "QLD",
            postal_code: "4000",
            country: "AU",
            locale: "en-AU",
            zoneinfo: "Australia/Brisbane",
            ..person("liam.tran@practice.example", "Liam", "Minh", "Tran", "Lee")
        },
    ]
}

fn unnamed() -> Person {
    Person {
        email: String::new(),
        given_name: String::new(),
        middle_name: "Robin".into(),
        family_name: String::new(),
        nickname: String::new(),
        role: "Guest",
        gender: "unspecified",
        birthdate: "1980-02-29",
        phone_number: "+442079460100",
        street: "14 Quay Road",
        locality: "Bristol",
        region: "Avon",
        postal_code: "BS1 4ND",
        country: "GB",
        locale: "en-GB",
        zoneinfo: "Europe/London",
    }
}

/// The person with this address: a known one, or one whose name is read off the address.
///
/// `None` if it isn't an email address.
pub(crate) fn with_email(email: &str) -> Option<Person> {
    let email = email.trim().to_lowercase();
    let (local, domain) = email.split_once('@')?;
    let plain = |text: &str| {
        !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    if !plain(local) || !plain(domain) || domain.contains('@') || email.len() > 254 {
        return None;
    }
    if let Some(known) = practised().into_iter().find(|known| known.email == email) {
        return Some(known);
    }
    let mut names = local
        .split(['.', '_', '-', '+'])
        .filter(|part| !part.is_empty())
        .map(capitalised);
    let given_name = names.next().unwrap_or_else(|| "Guest".into());
    let family_name = names.next_back().unwrap_or_else(|| "Guest".into());
    Some(Person {
        nickname: given_name.clone(),
        given_name,
        family_name,
        email,
        ..unnamed()
    })
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

impl Person {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }

    pub(crate) fn initials(&self) -> String {
        [&self.given_name, &self.family_name]
            .into_iter()
            .filter_map(|name| name.chars().next())
            .collect()
    }

    /// Stable for an address, which can't be read from it.
    pub(crate) fn subject(&self) -> String {
        let hash = digest::digest(
            &digest::SHA256,
            format!("practice person {}", self.email).as_bytes(),
        );
        hash.as_ref()[..12]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// The claims that `scopes` open (OpenID Connect Core, section 5.4), `sub` among them.
    pub(crate) fn claims(&self, scopes: &Scopes, issuer: &str) -> Map<String, Value> {
        let subject = self.subject();
        let mut claims = Map::new();
        let mut add = |open: bool, more: Value| {
            if let (true, Value::Object(more)) = (open, more) {
                claims.extend(more);
            }
        };
        let page = format!("{issuer}/people/{subject}");
        add(true, json!({ "sub": subject }));
        add(
            scopes.contains(Scope::Profile),
            json!({
                "name": format!("{} {} {}", self.given_name, self.middle_name, self.family_name),
                "given_name": self.given_name,
                "middle_name": self.middle_name,
                "family_name": self.family_name,
                "nickname": self.nickname,
                "preferred_username": self.email.split('@').next(),
                "gender": self.gender,
                "birthdate": self.birthdate,
                "profile": page,
                "picture": format!("{page}/picture.svg"),
                "website": format!("{issuer}/"),
                "locale": self.locale,
                "zoneinfo": self.zoneinfo,
                // 2026-01-05T09:00:00Z
                "updated_at": 1_767_603_600,
            }),
        );
        add(
            scopes.contains(Scope::Email),
            json!({ "email": self.email, "email_verified": true }),
        );
        add(
            scopes.contains(Scope::Phone),
            json!({ "phone_number": self.phone_number, "phone_number_verified": true }),
        );
        add(
            scopes.contains(Scope::Address),
            json!({ "address": {
                "formatted": format!(
                    "{}\n{}\n{}\n{}\n{}",
                    self.street, self.locality, self.region, self.postal_code, self.country
                ),
                "street_address": self.street,
                "locality": self.locality,
                "region": self.region,
                "postal_code": self.postal_code,
                "country": self.country,
            }}),
        );
        claims
    }
}

//! Plausible people, companies and addresses of the places the businesses work in.

use super::dice::Dice;
use super::documents::{Address, Use};

/// The region of a trade's people and customers. In patterns `#` stands for a digit and `@` for a letter.
pub(crate) struct Locale {
    pub(crate) given: &'static [&'static str],
    pub(crate) family: &'static [&'static str],
    /// First words of companies' names, besides family names.
    pub(crate) firms: &'static [&'static str],
    /// Last words, as the trade's customers have them.
    pub(crate) kinds: &'static [&'static str],
    pub(crate) streets: &'static [&'static str],
    /// The number follows the street's name.
    pub(crate) number_last: bool,
    pub(crate) towns: &'static [(&'static str, Option<&'static str>, &'static str)],
    pub(crate) phone: &'static str,
    pub(crate) mobile: &'static str,
    pub(crate) company_number: &'static str,
    pub(crate) tax_number: &'static str,
}

pub(crate) struct Person {
    pub(crate) given: &'static str,
    pub(crate) family: &'static str,
}

impl Locale {
    pub(crate) fn person(&self, dice: &mut Dice) -> Person {
        Person {
            given: dice.pick::<&str>(self.given),
            family: dice.pick::<&str>(self.family),
        }
    }

    pub(crate) fn company(&self, dice: &mut Dice) -> String {
        let kind = dice.pick(self.kinds);
        match dice.below(10) {
            0..=3 => format!("{} {kind}", dice.pick(self.firms)),
            4..=6 => format!("{} {kind}", dice.pick(self.family)),
            7 => {
                let (first, second) = (dice.pick(self.family), dice.pick(self.family));
                format!("{first} & {second} {kind}")
            }
            _ => format!("{} {kind}", dice.pick(self.towns).0),
        }
    }

    pub(crate) fn address(&self, dice: &mut Dice) -> Address {
        let (town, region, postcode) = *dice.pick(self.towns);
        let street = dice.pick(self.streets);
        let number = 1 + dice.skewed(180);
        Address {
            purpose: Use::Billing,
            street: if self.number_last {
                format!("{street} {number}")
            } else {
                format!("{number} {street}")
            }
            .into(),
            street_2: None,
            town: town.into(),
            region: region.map(Into::into),
            postcode: fill(postcode, dice).into_string().into(),
            country: None,
        }
    }
}

/// Puts digits and letters in the places of a pattern.
pub(crate) fn fill(pattern: &str, dice: &mut Dice) -> Box<str> {
    pattern
        .chars()
        .map(|sign| match sign {
            '#' => char::from(b'0' + dice.below(10) as u8),
            '@' => char::from(b'A' + dice.below(26) as u8),
            other => other,
        })
        .collect::<String>()
        .into()
}

/// A name as it would stand in an e-mail address.
pub(crate) fn mailbox(name: &str) -> String {
    name.chars()
        .filter_map(|letter| match letter {
            'a'..='z' | '0'..='9' => Some(letter),
            'A'..='Z' => Some(letter.to_ascii_lowercase()),
            'á' | 'à' | 'ä' | 'å' | 'ã' | 'Å' | 'Ä' => Some('a'),
            'é' | 'è' | 'ë' | 'ê' | 'É' => Some('e'),
            'í' | 'ï' => Some('i'),
            'ö' | 'ó' | 'ō' | 'Ö' => Some('o'),
            'ü' | 'ú' | 'ū' => Some('u'),
            _ => None,
        })
        .collect()
}

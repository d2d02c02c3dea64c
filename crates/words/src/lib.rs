//! The words that customers read: sentences by their keys, in every language that there are words in.
//!
//! The sentences lie in `locales/`, a file a language, in Fluent's syntax. English is the house's own: a language without words of
//! its own falls back to it, while dates and numbers keep the reader's region.

mod accents;
mod languages;
mod say;

use std::fmt::Write;
use std::sync::{Arc, LazyLock};

use chrono::{Datelike, NaiveDate};
use fixed_decimal::Decimal;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentResource, FluentValue};
use icu_calendar::Gregorian;
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::YMD;
use icu_datetime::input::Date;
use icu_decimal::DecimalFormatter;
use icu_list::ListFormatter;
use icu_list::options::ListFormatterOptions;
use icu_locale_core::Locale;
use intl_memoizer::Memoizable;
use intl_memoizer::concurrent::IntlLangMemoizer;
use unic_langid::LanguageIdentifier;

pub use accents::allow as allow_accents;
pub use languages::{Languages, OWN, is_tag};
pub use say::Say;

/// The files' texts, by language.
pub const FILES: [(&str, &str); 6] = [
    ("en", include_str!("../locales/en.ftl")),
    ("de", include_str!("../locales/de.ftl")),
    ("fr", include_str!("../locales/fr.ftl")),
    ("es", include_str!("../locales/es.ftl")),
    ("nl", include_str!("../locales/nl.ftl")),
    ("ar", include_str!("../locales/ar.ftl")),
];

/// A file that was read, and the words in it without a region.
struct Known {
    language: &'static str,
    sentences: FluentResource,
}

static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let read = |(language, text): (&'static str, &str)| Known {
        language,
        // A faulty entry is left out, and the crate's tests find it.
        sentences: FluentResource::try_new(text.to_owned()).unwrap_or_else(|(read, _)| read),
    };
    FILES.into_iter().map(read).collect()
});

/// The words without a region, made once: few readers name one.
static PLAIN: LazyLock<Vec<Arc<Words>>> = LazyLock::new(|| {
    KNOWN
        .iter()
        .map(|known| Arc::new(Words::new(known, None)))
        .collect()
});

/// The words of one language, with the dates and numbers of one region.
pub struct Words {
    language: &'static str,
    locale: Locale,
    bundle: FluentBundle<&'static FluentResource>,
    accented: bool,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Words({})", self.locale)
    }
}

impl Words {
    /// The words in the first wanted language that there are words in, else in English. The region is that of the language, else the
    /// first one that is wanted at all.
    pub fn of(languages: &Languages) -> Arc<Self> {
        if accents::wanted(languages) {
            let mut words = Self::new(&KNOWN[0], None);
            words.accented = true;
            words.bundle.set_transform(Some(accents::accented));
            return Arc::new(words);
        }
        let wanted: Vec<Locale> = languages
            .iter()
            .filter_map(|tag| Locale::try_from_str(tag).ok())
            .collect();
        let of = |locale: &&Locale| {
            KNOWN
                .iter()
                .position(|known| known.language == locale.id.language.as_str())
        };
        let own = wanted.iter().find(|locale| of(locale).is_some());
        let at = own.as_ref().and_then(of).unwrap_or_default();
        let with_region = own.filter(|own| own.id.region.is_some());
        let with_region =
            with_region.or_else(|| wanted.iter().find(|locale| locale.id.region.is_some()));
        match with_region.and_then(|locale| locale.id.region) {
            Some(region) => Arc::new(Self::new(&KNOWN[at], Some(region))),
            None => Arc::clone(&PLAIN[at]),
        }
    }

    /// The house's own words.
    pub fn english() -> Arc<Self> {
        Arc::clone(&PLAIN[0])
    }

    fn new(known: &'static Known, region: Option<icu_locale_core::subtags::Region>) -> Self {
        let mut locale: Locale = known.language.parse().unwrap_or(Locale::UNKNOWN);
        // English of no country has the day before the month.
        let world = (known.language == OWN)
            .then(|| "001".parse().ok())
            .flatten();
        locale.id.region = region.or(world);
        let language: LanguageIdentifier = locale.id.to_string().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // A name in another script must not turn the sentence around it. The marks are for right-to-left words only.
        bundle.set_use_isolating(is_rtl(known.language));
        bundle.set_formatter(Some(number));
        // Keys that are there twice are found by the tests.
        drop(bundle.add_resource(&known.sentences));
        Self {
            language: known.language,
            locale,
            bundle,
            accented: false,
        }
    }

    /// The language's tag, for `lang`.
    pub fn language(&self) -> &'static str {
        self.language
    }

    /// The direction in which it is read, for `dir`.
    pub fn direction(&self) -> &'static str {
        if is_rtl(self.language) { "rtl" } else { "ltr" }
    }

    /// A sentence; its values are set one by one.
    pub fn say(&self, key: &'static str) -> Say<'_> {
        Say::new(self, key, false)
    }

    /// A sentence with markup, as HTML: its values are escaped.
    pub fn mark(&self, key: &'static str) -> Say<'_> {
        Say::new(self, key, true)
    }

    /// A day, as the reader writes it.
    pub fn date(&self, day: NaiveDate) -> String {
        let (month, day_of_month) = (day.month() as u8, day.day() as u8);
        let format = FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new(
            (&self.locale).into(),
            YMD::long(),
        );
        let date = Date::try_new_gregorian(day.year(), month, day_of_month);
        match (format, date) {
            (Ok(format), Ok(date)) => self.own(format.format(&date).to_string()),
            _ => day.to_string(),
        }
    }

    /// `a, b and c`.
    pub fn list(&self, words: &[impl AsRef<str>]) -> String {
        let mut locale = self.locale.clone();
        // English of the house has no comma before the last one, in any region.
        if self.language == OWN {
            locale.id.region = "001".parse().ok();
        }
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        match ListFormatter::try_new_and((&locale).into(), ListFormatterOptions::default()) {
            Ok(format) if !self.accented => format.format(words.iter()).to_string(),
            _ => words.join(", "),
        }
    }

    /// A number of days in the largest unit that says it exactly.
    pub fn span(&self, days: u64) -> String {
        match days {
            0 => self.say("span-none").to_string(),
            _ if days.is_multiple_of(365) => {
                self.say("span-years").with("count", days / 365).to_string()
            }
            _ => self.say("span-days").with("count", days).to_string(),
        }
    }

    fn own(&self, text: String) -> String {
        if self.accented {
            accents::accented(&text).into_owned()
        } else {
            text
        }
    }
}

fn is_rtl(language: &str) -> bool {
    language == "ar"
}

/// The locale of numbers, as Fluent's formatters carry it.
struct Numerals(LanguageIdentifier);

impl Memoizable for Numerals {
    type Args = ();
    type Error = ();

    fn construct(lang: LanguageIdentifier, (): Self::Args) -> Result<Self, Self::Error> {
        Ok(Self(lang))
    }
}

/// A number in a sentence, in the digits and groups of the region.
fn number(value: &FluentValue<'_>, memoizer: &IntlLangMemoizer) -> Option<String> {
    let FluentValue::Number(number) = value else {
        return None;
    };
    let written = |numerals: &Numerals| {
        let locale: Locale = numerals.0.to_string().parse().ok()?;
        let format = DecimalFormatter::try_new((&locale).into(), Default::default()).ok()?;
        let mut text = String::new();
        write!(
            text,
            "{}",
            format.format(&Decimal::from(number.value as i64))
        )
        .ok()?;
        Some(text)
    };
    memoizer
        .with_try_get::<Numerals, _, _>((), written)
        .ok()
        .flatten()
}

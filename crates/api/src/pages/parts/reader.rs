//! The reader of a page: the languages that they want, carried beside the work.

use std::cell::RefCell;
use std::future::Future;
use std::sync::Arc;

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use words::{Languages, Words};

use super::fields::Fields;

/// The parameter that chooses a page's language, as the page that opened ours says it. It goes with the journey to its end.
pub(crate) const LOCALE: &str = "locale";

/// A reader's wish, and the words by it.
pub(crate) struct Reader {
    languages: Languages,
    words: Arc<Words>,
    /// The tag by which they were chosen, if the browser's own wish doesn't count.
    chosen: Option<String>,
}

tokio::task_local! {
    static READER: RefCell<Reader>;
}

impl Reader {
    /// By the address, else by the browser.
    pub(crate) fn of(query: Option<&str>, headers: &HeaderMap) -> Self {
        let fields = Fields::read(query.unwrap_or_default().as_bytes());
        let chosen = fields.get(LOCALE);
        chosen.and_then(Self::choosing).unwrap_or_else(|| {
            let wanted = headers.get(ACCEPT_LANGUAGE);
            let wanted = wanted.and_then(|value| value.to_str().ok());
            let languages = Languages::read(wanted.unwrap_or_default());
            Self {
                words: Words::of(&languages),
                languages,
                chosen: None,
            }
        })
    }

    fn choosing(tag: &str) -> Option<Self> {
        let languages = Languages::only(tag)?;
        let chosen = languages.iter().next().map(str::to_owned);
        Some(Self {
            words: Words::of(&languages),
            chosen,
            languages,
        })
    }
}

/// Does work for a reader.
pub(crate) async fn read_by<F: Future>(reader: Reader, work: F) -> F::Output {
    READER.scope(RefCell::new(reader), work).await
}

/// Goes on in the language that a journey carries; without one, in the reader's.
pub(crate) fn prefer(tag: Option<&str>) {
    if let Some(reader) = tag.and_then(Reader::choosing) {
        drop(READER.try_with(|own| own.replace(reader)));
    }
}

/// The words for the reader at hand.
pub(crate) fn words() -> Arc<Words> {
    let own = READER.try_with(|reader| Arc::clone(&reader.borrow().words));
    own.unwrap_or_else(|_| Words::english())
}

pub(crate) fn languages() -> Languages {
    let own = READER.try_with(|reader| reader.borrow().languages.clone());
    own.unwrap_or_default()
}

/// The tag that the journey carries.
pub(crate) fn chosen() -> Option<String> {
    let own = READER.try_with(|reader| reader.borrow().chosen.clone());
    own.ok().flatten()
}

/// An address of ours (with a query) that keeps the language.
pub(crate) fn carry(mut address: String) -> String {
    if let Some(tag) = chosen() {
        address.push_str(&format!("&{LOCALE}={tag}"));
    }
    address
}

//! Disclosures to customers before they give access, and their agreements.
//!
//! One [`Disclosure`] per connection, derived from what will really be done: the start page, the component, the API and the
//! scopes of the redirect are all made from it. The one that was shown is kept with the attempt and then as the connection's
//! agreement ([`agreed`]), which pulls and writes are held to: what it doesn't name is neither read nor written. A change of
//! settings that calls for more is noticed by [`reconsider`], and asks for the customer's consent anew, as does a renewal that
//! brings fewer scopes.

pub mod additional;
pub(crate) mod agreed;
pub mod colour;
mod derive;
pub mod language;
mod object;
pub mod person;
mod reconsider;
mod renewed;
pub mod settings;
pub mod words;

pub use agreed::{Missing, missing_of};
pub(crate) use derive::custom;
pub use derive::{Basis, Wish};
pub use object::{
    Access, Agreed, Asker, Contact, Custom, Disclosure, Further, History, Links, PersonPart, Read,
    Stays, Target, Words, Write,
};
pub(crate) use reconsider::{
    Whose, after_changes_of_the_installation, queue as queue_reconsideration, run as reconsider,
};
pub(crate) use renewed::note as note_renewed_scopes;

use crate::app::App;
use language::Languages;
use store::StoreError;
use store::connections::Connection;

/// The disclosure of a connection as it would be made now, in the first of the languages (an `Accept-Language`) that there
/// are words in.
///
/// # Errors
/// The database can't be read, or the connection's company or platform is gone.
pub async fn of(
    app: &App,
    connection: &Connection,
    language: &str,
) -> Result<Disclosure, StoreError> {
    let languages = Languages::read(language);
    let wish = Wish {
        languages: &languages,
        person: false,
        way: None,
    };
    with(app, connection, &wish).await
}

/// The disclosure that a connection's customer agreed to; as it would be made now if no page of this installation was shown.
///
/// # Errors
/// The database can't be read, or the connection's company or platform is gone.
pub async fn in_force(app: &App, connection: &Connection) -> Result<Disclosure, StoreError> {
    let agreement = store::agreements::get(&app.db, connection.id).await?;
    let shown = agreement.and_then(|agreement| agreement.disclosure);
    // One that an earlier version wrote in another form is made anew, as it would be shown today.
    let shown = shown.and_then(|text| serde_json::from_str(&text).ok());
    match shown {
        Some(shown) => Ok(shown),
        None => of(app, connection, "").await,
    }
}

/// Gives the names of an agreement's data in other words than those in which it was agreed to: what is shared stays the same.
pub fn rename(told: &mut Disclosure, words: &::words::Words) {
    for read in &mut told.reads {
        if let Ok(data_type) = read.data_type.parse() {
            let (group, name) = words::of_type(data_type);
            read.group = words.say(group).to_string();
            read.name = words.say(name).to_string();
        }
    }
    for write in &mut told.writes {
        if let Ok(data_type) = write.data_type.parse() {
            write.name = words.say(words::of_type(data_type).1).to_string();
        }
    }
}

/// The same as [`of`] for a link whose client may want to know who the person is.
///
/// # Errors
/// As of [`of`].
pub async fn with(
    app: &App,
    connection: &Connection,
    wish: &Wish<'_>,
) -> Result<Disclosure, StoreError> {
    let basis = Basis::of(app, connection.client_id, connection.company_id).await?;
    Ok(basis.disclose(app, connection, wish))
}

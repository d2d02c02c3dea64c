//! Platforms that call: a program on the customer's machine is set up once, and from then on calls by itself, is asked what pulls
//! need to know, and brings the answers.
//!
//! Everything of a call is in the store, so that any node may take any part of it: [`setup`] gives the program its password, [`calls`]
//! answers it, [`books`] sees that the books are the connection's, and links it by the first call; [`times`] says when it is asked. A pull asks by leaving a question, and
//! goes on when its answer is there.

mod books;
mod calls;
mod setup;
mod times;

pub use calls::{Admitted, LastWord, Progress, admit, close, failed, last_word, next, receive};
pub use setup::{Prepared, Waiting, address, file, prepare, waiting};
pub use times::{Hours, Known, Times, TimesError, known, set_times};

use sha2::{Digest, Sha256};

use crate::app::App;
use store::StoreError;
use store::machines::Call;

/// The call of a ticket, if there is or was one.
async fn call_of(app: &App, ticket: &str) -> Result<Option<Call>, StoreError> {
    let ticket = ticket.trim();
    store::machines::call(&app.db, &Sha256::digest(ticket)).await
}

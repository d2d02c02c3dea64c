//! A connection's life: create → authorize → callback → disconnect → authorize again → delete.

mod addresses;
mod authorize;
mod callback;
mod choice;
mod create;
mod disconnect;
mod grant;
mod import;
mod outcome;
pub mod passwords;
pub mod redirects;

pub use addresses::{company_url, link_url, link_url_of, link_url_with, redirect_uri};
pub use authorize::{Departure, authorize};
pub(crate) use callback::record_interrupted;
pub use callback::{Callback, finish};
pub(crate) use choice::forget_unanswered;
pub use choice::{Answer, Answered, Question, answer, question};
pub use create::{create, unauthorised};
pub use disconnect::{delete, delete_company, unlink};
pub use grant::{accounting_source, may_link};
pub use import::{Import, ImportError, import};
pub use outcome::{Arrived, CallbackError, Ended, LinkError, Outcome};

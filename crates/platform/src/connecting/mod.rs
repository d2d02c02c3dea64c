//! A connection's life: create → authorize → callback → disconnect → authorize again → delete.

mod authorize;
mod callback;
mod choice;
mod create;
mod disconnect;
mod grant;
mod import;
mod links;
mod outcome;

pub use authorize::{Departure, authorize};
pub(crate) use callback::record_interrupted;
pub use callback::{Callback, end_of_choice, finish};
pub(crate) use choice::forget_unanswered;
pub use choice::{Answer, Answered, Question, answer, question};
pub use create::{begun, create, offered, unauthorised};
pub use disconnect::{delete, delete_company, unlink};
pub use grant::{accounting_source, may_link};
pub use import::{Import, ImportError, import};
pub use links::{
    Chosen, CompanyStage, Holder, Stage, choose_nothing, choose_platform, company_stage,
    company_url, company_url_with, decline, hold, holder, link_url, link_url_of, link_url_with,
    passwords, redirect_uri, redirects, sharing_url, stage,
};
pub use outcome::{Arrived, CallbackError, Ended, LinkError, Outcome};

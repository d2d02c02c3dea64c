//! A connection's life: create → authorize → callback → disconnect → authorize again → delete.

mod authorize;
mod callback;
mod choice;
mod create;
mod disconnect;
mod grant;
mod import;
pub mod machines;
mod outcome;
mod steps;
mod typed;

pub use authorize::{Departure, authorize};
pub(crate) use callback::end_unconfirmed;
pub(crate) use callback::record_interrupted;
pub use callback::{Callback, end_of_choice, finish};
pub use callback::{ConfirmError, confirm};
pub(crate) use choice::forget_unanswered;
pub use choice::{Answer, Answered, MOST_AT_ONCE, Question, Seen, answer, question, seen_by};
pub use create::{begun, create, offered, unauthorised};
pub use disconnect::{delete, delete_company, unlink};
pub use grant::{accounting_source, is_shared, may_link};
pub use import::{Import, ImportError, import};
pub use outcome::{Arrived, CallbackError, Ended, LinkError, NEEDS_APPROVAL, NOT_ALLOWED, Outcome};
pub(crate) use steps::end_link;
pub use steps::{
    Chosen, CompanyStage, Holder, Left, Stage, choose_nothing, choose_platform, company_stage,
    decline, hold, holder, stage,
};
pub use typed::{
    Certificate, Offer, Presented, Refusal, SIGN_IN, Typed, certificate, make_certificate, offers,
    present, self_signed,
};

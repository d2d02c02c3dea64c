//! The owner's pages, as their templates take them.

use std::sync::Arc;

use askama::Template;

use super::day;
use crate::pages::parts::views::{Brand, SharedGroup, Tone};
use platform::disclosure::Words as Text;
use store::data_requests::DataRequest;
use store::model::{DataRequestKind, DataRequestStatus};
use words::Words;

/// The page before the door is opened: software that follows links in messages gets no further.
#[derive(Template)]
#[template(path = "door.html")]
pub(super) struct DoorPage {
    pub(super) w: Arc<Words>,
    pub(super) brand: Option<Brand>,
    pub(super) client: String,
    pub(super) company: String,
    pub(super) path: String,
    pub(super) hidden: Vec<(String, String)>,
}

/// Everything that a business shares, and its requests about it.
#[derive(Template)]
#[template(path = "sharing.html")]
pub(super) struct SharingPage {
    pub(super) w: Arc<Words>,
    pub(super) brand: Option<Brand>,
    pub(super) client: String,
    pub(super) company: String,
    pub(super) path: String,
    pub(super) hidden: Vec<(String, String)>,
    pub(super) connections: Vec<SharingRow>,
    pub(super) can_ask_for_copy: bool,
    pub(super) can_ask_for_deletion: bool,
    pub(super) requests: Vec<Request>,
}

pub(super) struct SharingRow {
    pub(super) id: String,
    pub(super) platform: String,
    pub(super) logo: Option<String>,
    pub(super) account: Option<String>,
    pub(super) state: String,
    pub(super) tone: Tone,
    /// Days, as they are shown.
    pub(super) since: Option<String>,
    pub(super) last_read: Option<String>,
    /// The data that is read while access lasts, grouped; empty once it has ended.
    pub(super) reads: Vec<SharedGroup>,
    /// The data that may be changed at the platform, in plain words.
    pub(super) writes: Vec<String>,
    pub(super) purpose: Option<Text>,
    /// The further purposes that were agreed to.
    pub(super) further: Vec<Further>,
    /// True if there is access that can be ended.
    pub(super) ends: bool,
}

/// A further purpose, in the words that were agreed to.
pub(super) struct Further {
    pub(super) day: String,
    pub(super) title: Option<String>,
    /// HTML that is safe to show.
    pub(super) text: Option<String>,
    pub(super) language: String,
}

/// A request and its answer, in sentences.
pub(super) struct Request {
    pub(super) title: String,
    pub(super) state: String,
    pub(super) note: Option<String>,
}

impl Request {
    pub(super) fn of(request: &DataRequest, w: &Words) -> Self {
        let title = match request.kind {
            DataRequestKind::Copy => "request-copy",
            DataRequestKind::Deletion => "request-deletion",
        };
        let answered = request.answered.map(|at| day(w, at)).unwrap_or_default();
        let state = match request.status {
            DataRequestStatus::Open => w
                .say("request-open")
                .with("date", day(w, request.requested))
                .with("due", day(w, request.due)),
            DataRequestStatus::Completed => w.say("request-done").with("date", answered),
            DataRequestStatus::Refused => w.say("request-refused").with("date", answered),
        };
        Self {
            title: w.say(title).to_string(),
            state: state.to_string(),
            note: request.note.clone(),
        }
    }
}

/// A question before something that can't be undone.
#[derive(Template)]
#[template(path = "confirm.html")]
pub(super) struct ConfirmPage {
    pub(super) w: Arc<Words>,
    pub(super) brand: Option<Brand>,
    pub(super) heading: String,
    pub(super) lines: Vec<String>,
    pub(super) action: String,
    pub(super) hidden: Vec<(String, String)>,
    pub(super) proceed: String,
    pub(super) back: String,
}

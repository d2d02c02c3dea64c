//! What the templates show: plain data, so that a page can be drawn from anything.

use askama::Template;

/// Whose page it is, in the customer's eyes.
#[derive(Clone, Debug)]
pub(super) struct Brand {
    pub(super) name: String,
    pub(super) logo: Option<String>,
    pub(super) icon: Option<String>,
    pub(super) badge: bool,
}

/// A page that belongs to nobody in particular keeps the badge.
pub(super) fn shows_badge(brand: &Option<Brand>) -> bool {
    brand.as_ref().is_none_or(|brand| brand.badge)
}

/// What stands in a missing logo's place.
pub(super) fn initial(name: &str) -> String {
    name.chars()
        .find(|c| c.is_alphanumeric())
        .map_or_else(|| "?".to_owned(), |c| c.to_uppercase().to_string())
}

#[derive(Template)]
#[template(path = "start.html")]
pub(super) struct StartPage {
    pub(super) brand: Option<Brand>,
    pub(super) brand_icon: Option<String>,
    pub(super) client: String,
    pub(super) company: String,
    pub(super) platform: String,
    pub(super) platform_logo: Option<String>,
    pub(super) beta: bool,
    pub(super) heading: String,
    pub(super) notice: Option<String>,
    /// The connection's own path, below which its forms post.
    pub(super) path: String,
    pub(super) hidden: Vec<(String, String)>,
    pub(super) groups: Vec<SharedGroup>,
    pub(super) steps: Vec<Step>,
    pub(super) problems: Vec<Problem>,
    pub(super) proceed: String,
    pub(super) decline: String,
}

/// Data of one kind, in plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SharedGroup {
    pub(super) title: &'static str,
    pub(super) words: String,
}

pub(super) struct Step {
    /// Also the id of its control.
    pub(super) field: String,
    pub(super) kind: StepKind,
    pub(super) problem: Option<String>,
}

pub(super) enum StepKind {
    /// `body` is HTML that [`super::markdown`] made.
    Instructions {
        title: String,
        body: String,
        confirm: String,
        confirmed: bool,
    },
    CompanyName {
        value: String,
    },
}

/// An answer that has to be given, or given differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) field: String,
    pub(super) message: String,
}

#[derive(Template)]
#[template(path = "overview.html")]
pub(super) struct OverviewPage {
    pub(super) brand: Option<Brand>,
    pub(super) client: String,
    pub(super) company: String,
    pub(super) path: String,
    pub(super) hidden: Vec<(String, String)>,
    pub(super) connections: Vec<ConnectionRow>,
    pub(super) groups: Vec<ChoiceGroup>,
    /// Whether there is somewhere to go back to.
    pub(super) returns: bool,
}

pub(super) struct ConnectionRow {
    pub(super) id: String,
    pub(super) platform: String,
    pub(super) logo: Option<String>,
    pub(super) account: Option<String>,
    pub(super) state: String,
    pub(super) tone: Tone,
    pub(super) note: Option<String>,
    pub(super) reconnects: bool,
}

pub(super) struct ChoiceGroup {
    pub(super) title: &'static str,
    pub(super) words: &'static str,
    /// Why none of them can be chosen now.
    pub(super) closed: Option<String>,
    pub(super) choices: Vec<Choice>,
}

pub(super) struct Choice {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) logo: Option<String>,
    pub(super) beta: bool,
    pub(super) sandbox: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Neutral,
    Bad,
}

impl std::fmt::Display for Tone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Good => "good",
            Self::Neutral => "neutral",
            Self::Bad => "bad",
        })
    }
}

/// How something ended, well or not, and what to do next.
#[derive(Template)]
#[template(path = "result.html")]
pub(super) struct ResultPage {
    pub(super) brand: Option<Brand>,
    pub(super) tone: Tone,
    pub(super) heading: String,
    pub(super) lines: Vec<String>,
    pub(super) reason: Option<String>,
    pub(super) first: Option<Action>,
    pub(super) second: Option<Action>,
    pub(super) closing: Option<String>,
    /// By which the log can be searched.
    pub(super) correlation: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Action {
    pub(super) label: String,
    pub(super) href: String,
}

/// Several businesses at a platform, of which one is meant.
#[derive(Template)]
#[template(path = "choose.html")]
pub(super) struct ChoosePage {
    pub(super) brand: Option<Brand>,
    pub(super) platform: String,
    pub(super) platform_logo: Option<String>,
    pub(super) client: String,
    pub(super) company: String,
    pub(super) action: String,
    pub(super) hidden: Vec<(String, String)>,
    pub(super) businesses: Vec<Business>,
    pub(super) problem: Option<String>,
}

pub(super) struct Business {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) detail: Option<String>,
    /// It is the one that the connection was made for.
    pub(super) chosen: bool,
}

/// Another business than the connection's was chosen.
#[derive(Template)]
#[template(path = "different.html")]
pub(super) struct DifferentPage {
    pub(super) brand: Option<Brand>,
    pub(super) platform: String,
    pub(super) platform_logo: Option<String>,
    pub(super) client: String,
    pub(super) action: String,
    pub(super) hidden: Vec<(String, String)>,
    pub(super) before: String,
    pub(super) now: String,
    /// The accounting platform that stands in the way of another connection.
    pub(super) occupied: Option<String>,
}

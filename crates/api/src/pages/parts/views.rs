//! The data of the templates: plain, so that a test can draw any page.

use std::sync::Arc;

use askama::Template;
use platform::disclosure::Disclosure;
use words::Words;

/// The client whose page it is, in the customer's eyes.
#[derive(Clone, Debug)]
pub(crate) struct Brand {
    pub(crate) name: String,
    pub(crate) logo: Option<String>,
    pub(crate) icon: Option<String>,
    /// A picture above the page; of the first page alone.
    pub(crate) hero: Option<String>,
    pub(crate) badge: bool,
    /// Of its own: six hexadecimal digits.
    pub(crate) colour: Option<String>,
}

/// A page without a client keeps the badge.
pub(crate) fn shows_badge(brand: &Option<Brand>) -> bool {
    brand.as_ref().is_none_or(|brand| brand.badge)
}

/// The letter in place of a missing logo.
pub(crate) fn initial(name: &str) -> String {
    name.chars()
        .find(|c| c.is_alphanumeric())
        .map_or_else(|| "?".to_owned(), |c| c.to_uppercase().to_string())
}

#[derive(Template)]
#[template(path = "start.html")]
pub(crate) struct StartPage {
    pub(crate) w: Arc<Words>,
    pub(crate) brand: Option<Brand>,
    pub(crate) brand_icon: Option<String>,
    pub(crate) client: String,
    pub(crate) company: String,
    pub(crate) platform: String,
    pub(crate) platform_logo: Option<String>,
    pub(crate) beta: bool,
    pub(crate) heading: String,
    /// The client's own words below the heading and above the button, as HTML that is safe to show.
    pub(crate) lead: Option<String>,
    pub(crate) terms: Option<String>,
    pub(crate) notice: Option<String>,
    /// The customer has just read all of it in a component: it is folded away.
    pub(crate) read: bool,
    /// The connection's own path, below which its forms post.
    pub(crate) path: String,
    pub(crate) hidden: Vec<(String, String)>,
    /// The words of the page; everything below is made from it.
    pub(crate) told: Disclosure,
    pub(crate) groups: Vec<SharedGroup>,
    /// The extent, and the names of what is read that far back.
    pub(crate) histories: Vec<(String, String)>,
    /// The times of reading.
    pub(crate) rhythm: String,
    pub(crate) steps: Vec<Step>,
    /// Without it, the customer signs in at the platform.
    pub(crate) way: Option<WayView>,
    /// The link for an administrator who has to approve the application first.
    pub(crate) approval: Option<String>,
    /// The titles and addresses of the other ways.
    pub(crate) others: Vec<(String, String)>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) proceed: String,
    pub(crate) decline: String,
}

#[derive(Template)]
#[template(path = "upload.html")]
pub(crate) struct UploadPage {
    pub(crate) w: Arc<Words>,
    pub(crate) brand: Option<Brand>,
    pub(crate) client: String,
    pub(crate) company: String,
    pub(crate) heading: String,
    /// The client's own words, as HTML that is safe to show.
    pub(crate) lead: Option<String>,
    /// The connection's own path, below which its forms post.
    pub(crate) path: String,
    pub(crate) hidden: Vec<(String, String)>,
    /// Files at a time.
    pub(crate) most: usize,
    /// The types that are taken, for people and for the browser.
    pub(crate) types: String,
    pub(crate) accept: String,
    /// The names of what was uploaded before.
    pub(crate) there: Vec<String>,
    pub(crate) problem: Option<String>,
}

/// Data of one kind, in plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SharedGroup {
    pub(crate) title: String,
    pub(crate) items: Vec<SharedItem>,
}

/// Data types that have the same name in plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SharedItem {
    pub(crate) name: String,
    /// Their keys, with spaces between.
    pub(crate) data_types: String,
}

pub(crate) struct Step {
    /// Also the id of its control.
    pub(crate) field: String,
    pub(crate) kind: StepKind,
    pub(crate) problem: Option<String>,
}

pub(crate) enum StepKind {
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

/// A way of giving access that isn't a sign-in.
pub(crate) struct WayView {
    pub(crate) title: String,
    /// HTML that [`super::markdown`] made.
    pub(crate) body: String,
    /// The manifest's sentence, if the platform refused what was typed.
    pub(crate) to_check: Option<String>,
    /// True if a certificate is still to be made.
    pub(crate) waits: bool,
    pub(crate) certificate: Option<CertificateView>,
    pub(crate) fields: Vec<TypedField>,
}

pub(crate) struct CertificateView {
    pub(crate) href: String,
    pub(crate) ends: String,
}

/// A value to type.
pub(crate) struct TypedField {
    /// Also the id of its control.
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) help: Option<String>,
    pub(crate) example: Option<String>,
    /// The manifest's sentence on what is wanted, if something else was typed.
    pub(crate) rule: Option<String>,
    pub(crate) is_secret: bool,
    pub(crate) value: String,
    pub(crate) problem: Option<String>,
}

impl TypedField {
    /// The ids of everything that is said about the field.
    pub(crate) fn described_by(&self, is_refused: bool) -> String {
        let said = [
            ("hint", self.help.is_some()),
            ("example", self.example.is_some()),
            ("problem", self.problem.is_some()),
        ];
        let said = said.into_iter().filter(|(_, is_there)| *is_there);
        let mut ids: Vec<String> = said
            .map(|(kind, _)| format!("{kind}.{}", self.name))
            .collect();
        if is_refused {
            ids.push("problem.way".to_owned());
        }
        ids.join(" ")
    }
}

/// An answer that has to be given, or given differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) field: String,
    pub(crate) message: String,
}

#[derive(Template)]
#[template(path = "overview.html")]
pub(crate) struct OverviewPage {
    pub(crate) w: Arc<Words>,
    /// The client's own heading, and its words below, as HTML that is safe to show.
    pub(crate) heading: Option<String>,
    pub(crate) lead: Option<String>,
    pub(crate) brand: Option<Brand>,
    pub(crate) client: String,
    pub(crate) company: String,
    pub(crate) path: String,
    pub(crate) hidden: Vec<(String, String)>,
    pub(crate) connections: Vec<ConnectionRow>,
    pub(crate) groups: Vec<ChoiceGroup>,
    /// True if the client has a page to go back to.
    pub(crate) returns: bool,
}

pub(crate) struct ConnectionRow {
    pub(crate) id: String,
    pub(crate) platform: String,
    pub(crate) logo: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) state: String,
    pub(crate) tone: Tone,
    pub(crate) note: Option<String>,
    pub(crate) reconnects: bool,
}

pub(crate) struct ChoiceGroup {
    /// The kind by its name in the contract.
    pub(crate) kind: &'static str,
    pub(crate) title: String,
    pub(crate) words: String,
    /// Why none of them can be chosen now.
    pub(crate) closed: Option<String>,
    pub(crate) choices: Vec<Choice>,
}

pub(crate) struct Choice {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) logo: Option<String>,
    pub(crate) beta: bool,
    pub(crate) sandbox: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
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

/// An outcome, good or bad, and what to do next.
#[derive(Template)]
#[template(path = "result.html")]
pub(crate) struct ResultPage {
    pub(crate) w: Arc<Words>,
    pub(crate) brand: Option<Brand>,
    pub(crate) tone: Tone,
    pub(crate) heading: String,
    pub(crate) lines: Vec<String>,
    pub(crate) reason: Option<String>,
    /// The link for an administrator who has to approve the application first, and the platform that wants it.
    pub(crate) approval: Option<(String, String)>,
    pub(crate) first: Option<Action>,
    pub(crate) second: Option<Action>,
    pub(crate) third: Option<Action>,
    pub(crate) closing: Option<String>,
    /// By which the log can be searched.
    pub(crate) correlation: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Action {
    pub(crate) label: String,
    pub(crate) href: String,
}

/// A consent as its record has it, for the person who gave it.
#[derive(Template)]
#[template(path = "receipt.html")]
pub(crate) struct ReceiptPage {
    pub(crate) w: Arc<Words>,
    pub(crate) brand: Option<Brand>,
    pub(crate) client: String,
    pub(crate) platform: String,
    pub(crate) facts: Vec<Fact>,
    /// The address of the signed receipt.
    pub(crate) signed: String,
    pub(crate) receipt: String,
    /// The owner's own door, while there is a company behind it.
    pub(crate) sharing: Option<String>,
}

pub(crate) struct Fact {
    pub(crate) title: String,
    pub(crate) words: String,
    /// The words' language, if they are those of the record.
    pub(crate) language: Option<String>,
}

/// Several businesses at a platform, of which one is meant.
#[derive(Template)]
#[template(path = "choose.html")]
pub(crate) struct ChoosePage {
    pub(crate) w: Arc<Words>,
    pub(crate) brand: Option<Brand>,
    pub(crate) platform: String,
    pub(crate) platform_logo: Option<String>,
    pub(crate) client: String,
    pub(crate) company: String,
    pub(crate) action: String,
    pub(crate) hidden: Vec<(String, String)>,
    pub(crate) businesses: Vec<Business>,
    /// The permissions that the person lacks at the platform.
    pub(crate) lacks: Vec<String>,
    /// True if several may be chosen.
    pub(crate) several: bool,
    /// True if connections of the family stand that are to be connected again instead.
    pub(crate) again: bool,
    /// The largest number that may be chosen, if there are more.
    pub(crate) most: Option<usize>,
    pub(crate) title: String,
    pub(crate) problem: Option<String>,
}

pub(crate) struct Business {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) detail: Option<String>,
    /// It is the one that the connection was made for.
    pub(crate) chosen: bool,
    /// Of several, it can't be chosen: a connection of the family shares it already.
    pub(crate) connected: bool,
    /// It was connected before: by this connection or, of several, by another one of the family, so that it can't be chosen.
    pub(crate) before: bool,
    /// Of several, it is chosen until the customer says otherwise.
    pub(crate) ticked: bool,
}

/// A business was chosen that another connection of the company shares already.
#[derive(Template)]
#[template(path = "twice.html")]
pub(crate) struct TwicePage {
    pub(crate) w: Arc<Words>,
    pub(crate) brand: Option<Brand>,
    pub(crate) platform: String,
    pub(crate) platform_logo: Option<String>,
    pub(crate) client: String,
    pub(crate) action: String,
    pub(crate) hidden: Vec<(String, String)>,
    pub(crate) business: String,
    /// The day on which the other connection was first authorised.
    pub(crate) since: Option<String>,
}

/// The program on the customer's machine, which is to be set up and to call.
#[derive(Template)]
#[template(path = "setup.html")]
pub(crate) struct SetupPage {
    pub(crate) w: Arc<Words>,
    pub(crate) brand: Option<Brand>,
    pub(crate) platform: String,
    pub(crate) platform_logo: Option<String>,
    pub(crate) client: String,
    pub(crate) company: String,
    /// The program's name, and the page to get it from.
    pub(crate) program: String,
    pub(crate) program_url: String,
    /// The address of the file that it is set up by.
    pub(crate) file: String,
    /// The address of the page that waits for its first call.
    pub(crate) wait: String,
    pub(crate) user: String,
    /// Shown once; none while the customer waits.
    pub(crate) password: Option<String>,
    /// A sentence: what is in the way of the first call.
    pub(crate) trouble: Option<String>,
}

/// Another business than the connection's was chosen.
#[derive(Template)]
#[template(path = "different.html")]
pub(crate) struct DifferentPage {
    pub(crate) w: Arc<Words>,
    pub(crate) brand: Option<Brand>,
    pub(crate) platform: String,
    pub(crate) platform_logo: Option<String>,
    pub(crate) client: String,
    pub(crate) action: String,
    pub(crate) hidden: Vec<(String, String)>,
    pub(crate) before: String,
    pub(crate) now: String,
    /// The accounting platform that stands in the way of another connection.
    pub(crate) occupied: Option<String>,
}

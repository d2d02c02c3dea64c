//! The page on which files are uploaded, in place of a platform's sign-in. It works without a script.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use url::form_urlencoded;

use crate::AppState;
use crate::around::errors::{ErrorKind, correlation_id};
use crate::pages::browser::{Browser, is_own_form};
use crate::pages::ending::Ending;
use crate::pages::parts::fields::Fields;
use crate::pages::parts::own::OwnTexts;
use crate::pages::parts::page::{Forms, respond};
use crate::pages::parts::reader::{LOCALE, prefer, words};
use crate::pages::parts::views::UploadPage;
use crate::pages::trouble::Trouble;
use crate::pages::visit::Visit;
use crate::resources::files::multipart::{Broken, Head, Multipart};
use crate::resources::files::{LONGEST, MOST_FIELDS, Refused, take};
use platform::app::App;
use platform::connecting::{Departure, LinkError, Outcome};
use platform::data::files::sources::{Kind, Source, source};
use platform::data::files::{self, EXTENSIONS, MOST_AT_ONCE, Refusal, Upload};
use store::model::Actor;
use words::Words;

/// Bytes that are taken of a form that opens no link.
const STRANGERS: usize = 1024 * 1024;

/// The name of a source in the reader's language.
pub(crate) fn name_of(source: &Source, w: &Words) -> String {
    let said = match source.kind {
        Kind::Accounting => w.say("upload-accounting"),
        Kind::Banking => w.say("upload-banking"),
        Kind::Documents => w.say("upload-documents"),
    };
    said.to_string()
}

/// The page, if the visit's connection is one of files.
pub(super) async fn show(
    app: &App,
    visit: &Visit,
    fields: &Fields,
) -> Option<Result<Response, Trouble>> {
    let source = source(&visit.connection.integration_key)?;
    Some(page(app, visit, source, fields, None).await)
}

async fn page(
    app: &App,
    visit: &Visit,
    source: &Source,
    fields: &Fields,
    problem: Option<String>,
) -> Result<Response, Trouble> {
    let w = words();
    let own = OwnTexts::of(app, &visit.client, "").await?;
    let connection = &visit.connection;
    let all = files::list(app, visit.client.id, visit.company.id, None).await?;
    let of_connection = all
        .into_iter()
        .filter(|file| file.connection_id == connection.id);
    let mut hidden: Vec<(String, String)> = fields.passed_on().into_iter().collect();
    let otp = fields.get("otp").unwrap_or_default();
    hidden.insert(0, ("otp".into(), otp.to_owned()));
    let status = match problem {
        None => StatusCode::OK,
        Some(_) => ErrorKind::Unprocessable.status(),
    };
    let page = UploadPage {
        brand: Some(visit.brand.clone()),
        client: visit.client.name.clone(),
        company: visit.company.name.clone(),
        heading: name_of(source, &w),
        lead: own.html(&format!("{}.fileUpload.subtitle", source.kind.name())),
        path: format!(
            "/companies/{}/connections/{}",
            connection.company_id, connection.id
        ),
        hidden,
        most: MOST_AT_ONCE,
        types: EXTENSIONS.join(", "),
        accept: EXTENSIONS.map(|own| format!(".{own}")).join(","),
        there: of_connection.map(|file| file.name).collect(),
        problem,
        w,
    };
    let forms = Forms::towards(app, &visit.client);
    Ok(respond(status, Some(&visit.brand), forms, &page))
}

/// Takes the files of the form. Its fields come before them, the link's password among them: a link that can't be used takes none.
pub(crate) async fn receive(
    State(app): State<AppState>,
    Path(ids): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Trouble> {
    if !is_own_form(&app, &headers) {
        return Err(Trouble::foreign_form());
    }
    let mut form = Multipart::of(&headers, body, LONGEST).map_err(|_| Trouble::too_much())?;
    let browser = Browser::known_or_new(&app, &headers);
    let opening = async {
        let Ok((fields, first)) = fields_of(&mut form).await else {
            return Err(Trouble::too_much());
        };
        prefer(fields.get(LOCALE));
        let visit = Visit::open(&app, &ids, &fields, &browser).await?;
        Ok((fields, first, visit))
    };
    // Only who holds a link has the time that files take.
    let limit = Duration::from_millis(app.config.limits.request_timeout_ms);
    let opened = tokio::time::timeout(limit, opening).await;
    let (fields, first, visit) = match opened.unwrap_or_else(|_| Err(Trouble::took_too_long())) {
        Ok(opened) => opened,
        Err(trouble) => {
            // A browser that is still sending shows no answer.
            let _ = tokio::time::timeout(limit, form.drain(STRANGERS)).await;
            return Err(trouble);
        }
    };
    let answer = answer(&app, &browser, &visit, &mut form, &fields, first).await;
    form.drain(LONGEST).await;
    answer
}

/// The fields before the first file, and that file's head.
async fn fields_of(form: &mut Multipart) -> Result<(Fields, Option<Head>), Broken> {
    let mut pairs = Vec::new();
    while pairs.len() < MOST_FIELDS {
        let head = form.next().await?;
        match head {
            Some(head) if head.file_name.is_none() => pairs.push((head.name, form.value().await?)),
            first => {
                let mut text = form_urlencoded::Serializer::new(String::new());
                let text = text.extend_pairs(pairs).finish();
                return Ok((Fields::read(text.as_bytes()), first));
            }
        }
    }
    Err(Broken::TooLong)
}

async fn answer(
    app: &App,
    browser: &Browser,
    visit: &Visit,
    form: &mut Multipart,
    fields: &Fields,
    first: Option<Head>,
) -> Result<Response, Trouble> {
    let platform = &visit.connection.platform_name;
    let Some(source) = source(&visit.connection.integration_key) else {
        return Err(Trouble::not_ready(&visit.brand, platform));
    };
    let departure = Departure {
        connection: &visit.connection,
        password: &visit.password,
        browser: browser.id(),
        parameters: &fields.custom(),
        confirmed_name: None,
        disclosure: None,
    };
    let refused = match take_all(app, visit, form, first).await {
        Ok(upload) => match upload.complete_by(&departure).await {
            Ok(_) => {
                let ending = Ending {
                    client: &visit.client,
                    company: visit.company.id,
                    connection: Some(&visit.connection),
                    outcome: Outcome::Linked,
                    status_text: "",
                    parameters: &fields.custom(),
                    person: None,
                    confirmation: None,
                };
                return Ok(ending.send_on(app, browser));
            }
            Err(refusal) => Refused::Files(refusal),
        },
        Err(refused) => refused,
    };
    let problem = in_words(refused, visit)?;
    let mut page = page(app, visit, source, fields, Some(problem)).await?;
    browser.set_on(page.headers_mut());
    Ok(page)
}

async fn take_all<'a>(
    app: &'a App,
    visit: &'a Visit,
    form: &mut Multipart,
    first: Option<Head>,
) -> Result<Upload<'a>, Refused> {
    let upload = Upload::new(app, &visit.connection, Actor::Customer)?;
    take(form, upload, first).await
}

/// The problem in the reader's words; a page about trouble if no other files would help.
fn in_words(refused: Refused, visit: &Visit) -> Result<String, Trouble> {
    let w = words();
    let about = |key, name: &str| w.say(key).with("name", name).to_string();
    let refusal = match refused {
        Refused::Body(_) => return Ok(w.say("upload-cut").to_string()),
        Refused::Files(refusal) => refusal,
    };
    Ok(match &refusal {
        Refusal::Link(LinkError::Store(_)) | Refusal::Store(_) => {
            tracing::error!(error = %refusal, correlation_id = correlation_id(), "files could not be stored");
            return Err(Trouble::broken());
        }
        Refusal::Link(LinkError::Spent) => return Err(Trouble::spent(&visit.brand)),
        Refusal::Link(_) | Refusal::NotForFiles(_) | Refusal::Disconnected => {
            return Err(Trouble::gone());
        }
        Refusal::NoFile => w.say("upload-no-file").to_string(),
        Refusal::TooMany => w
            .say("upload-too-many")
            .with("count", MOST_AT_ONCE)
            .to_string(),
        Refusal::Name => w.say("upload-name").to_string(),
        Refusal::Type { name } => about("upload-type", name),
        Refusal::Empty { name } => about("upload-empty", name),
        Refusal::TooLarge { name } => about("upload-large", name),
        Refusal::Content { name } => about("upload-content", name),
        Refusal::Infected { name } => about("upload-infected", name),
        Refusal::Unscanned => w.say("upload-unscanned").to_string(),
        Refusal::Busy => w.say("upload-busy").to_string(),
        Refusal::NoRoom => w
            .say("upload-no-room")
            .with("client", &visit.client.name)
            .to_string(),
    })
}

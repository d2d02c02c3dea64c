//! The pages that people see: home, sign-in, consent, profile and errors.

pub(crate) mod control;
pub(crate) mod session;

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName,
    HeaderValue, LOCATION, REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use http::{StatusCode, Uri};

use crate::api::refusal::refusal;
use crate::books::Business;
use crate::config::Product;
use crate::oauth::authorize::{AuthorizationRequest, read_request};
use crate::oauth::params::Params;
use crate::oauth::people::{self, PRACTICE_PASSWORD, Person};
use crate::oauth::scope::Scope;
use crate::platform::{Platform, Shared};
use session::Browser;

const BODY_LIMIT: usize = 64 * 1024;

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/", get(home))
        .route("/login", post(log_in))
        .route("/logout", post(log_out))
        .route("/people/{subject}", get(profile))
        .route("/people/{subject}/picture.svg", get(picture))
        .route("/assets/platform.css", get(stylesheet))
        .route("/favicon.svg", get(icon))
        .merge(control::router())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    businesses: Vec<Choice<'a>>,
    issuer: &'a str,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    product: Product,
    client: &'a str,
    request: &'a str,
    csrf: String,
    people: [Person; 4],
    password: &'static str,
    email: &'a str,
    error: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    product: Product,
    client: &'a str,
    request: &'a str,
    csrf: String,
    person: Person,
    businesses: Vec<Choice<'a>>,
    reads: Vec<&'static str>,
    changes: Vec<&'static str>,
    lasting: bool,
    returns_to: String,
    error: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "profile.html")]
struct ProfilePage {
    person: Person,
}

#[derive(Template)]
#[template(path = "picture.svg", escape = "html")]
struct Picture {
    initials: String,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    title: &'a str,
    text: &'a str,
}

/// A business as a page lists it.
struct Choice<'a> {
    business: &'a Business,
    country: &'a str,
}

impl<'a> From<&'a Business> for Choice<'a> {
    fn from(business: &'a Business) -> Self {
        Self {
            business,
            country: country_name(business.country),
        }
    }
}

fn country_name(code: &str) -> &str {
    match code {
        "AU" => "Australia",
        "BH" => "Bahrain",
        "CA" => "Canada",
        "CH" => "Switzerland",
        "DE" => "Germany",
        "DK" => "Denmark",
        "ES" => "Spain",
        "FR" => "France",
        "GB" => "United Kingdom",
        "IE" => "Ireland",
        "IT" => "Italy",
        "JP" => "Japan",
        "NL" => "Netherlands",
        "NO" => "Norway",
        "NZ" => "New Zealand",
        "SE" => "Sweden",
        "US" => "United States",
        other => other,
    }
}

async fn home(State(platform): State<Shared>) -> Response {
    page(
        StatusCode::OK,
        &HomePage {
            businesses: choices(&platform),
            issuer: platform.config.issuer(),
        },
    )
}

fn choices(platform: &Platform) -> Vec<Choice<'_>> {
    (platform.library.businesses().iter())
        .map(Choice::from)
        .collect()
}

pub(crate) fn sign_in(
    platform: &Platform,
    browser: &Browser,
    request: &str,
    authorization: &AuthorizationRequest,
    error: Option<&str>,
) -> Response {
    let status = match error {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let response = page(
        status,
        &SignInPage {
            product: authorization.client.product,
            client: &authorization.client.name,
            request,
            csrf: platform.sessions.csrf_token(browser),
            people: people::practised(),
            password: PRACTICE_PASSWORD,
            email: authorization.login_hint.as_deref().unwrap_or_default(),
            error,
        },
    );
    with_cookie(platform, browser, response)
}

pub(crate) fn consent(
    platform: &Platform,
    browser: &Browser,
    request: &str,
    authorization: &AuthorizationRequest,
    error: Option<&str>,
) -> Response {
    let person =
        (browser.signed_in.as_ref()).and_then(|signed_in| people::with_email(&signed_in.email));
    let Some(person) = person else {
        return sign_in(platform, browser, request, authorization, None);
    };
    let status = match error {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let response = page(
        status,
        &ConsentPage {
            product: authorization.client.product,
            client: &authorization.client.name,
            request,
            csrf: platform.sessions.csrf_token(browser),
            person,
            businesses: choices(platform),
            reads: authorization.scopes.in_plain_words(),
            changes: authorization.scopes.changes_in_plain_words(),
            lasting: authorization.scopes.contains(Scope::OfflineAccess),
            returns_to: host(authorization.returns_to()),
            error,
        },
    );
    with_cookie(platform, browser, response)
}

fn host(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.into(),
    }
}

/// `POST /login`: one of the people on the page, or an email address with the practice password.
async fn log_in(State(platform): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let (browser, params) = match honest_form(&platform, &headers, &body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let request = params.get("request").unwrap_or_default();
    let Ok(authorization) = read_request(&platform, request) else {
        return to("/");
    };
    let chosen = params.get("person").and_then(people::with_email);
    let typed = params.get("email").unwrap_or_default();
    let person = match chosen.filter(|person| people::practised().contains(person)) {
        Some(person) => person,
        None => {
            let mut authorization = authorization.clone();
            authorization.login_hint = Some(typed.to_owned());
            let again = |error| sign_in(&platform, &browser, request, &authorization, Some(error));
            let Some(person) = people::with_email(typed) else {
                return again("That isn’t an email address.");
            };
            if params.get("password") != Some(PRACTICE_PASSWORD) {
                return again("That isn’t the practice password. It is shown below the field.");
            }
            person
        }
    };
    let now = platform.state.now();
    let browser = platform.sessions.sign_in(&browser, &person.email, now);
    with_cookie(
        &platform,
        &browser,
        to(&format!("/oauth/consent?{}", as_query(request))),
    )
}

/// `POST /logout`: "Use another account".
async fn log_out(State(platform): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let (browser, params) = match honest_form(&platform, &headers, &body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    platform.sessions.sign_out(&browser);
    match params.get("request") {
        Some(request) => to(&format!("/oauth/consent?{}", as_query(request))),
        None => to("/"),
    }
}

/// Encoded again, so that the result can only be a query.
fn as_query(request: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(url::form_urlencoded::parse(request.as_bytes()))
        .finish()
}

async fn profile(State(platform): State<Shared>, Path(subject): Path<String>) -> Response {
    match person(&platform, &subject) {
        Some(person) => page(StatusCode::OK, &ProfilePage { person }),
        None => page(StatusCode::NOT_FOUND, &NOT_FOUND),
    }
}

async fn picture(State(platform): State<Shared>, Path(subject): Path<String>) -> Response {
    let Some(person) = person(&platform, &subject) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let picture = Picture {
        initials: person.initials(),
    };
    match picture.render() {
        Ok(svg) => ([(CONTENT_TYPE, "image/svg+xml")], svg).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// One of the four, or a person who granted access before.
fn person(platform: &Platform, subject: &str) -> Option<Person> {
    let known = people::practised()
        .into_iter()
        .find(|person| person.subject() == subject);
    known.or_else(|| {
        let grants = platform.state.grants();
        let grant = grants.iter().find(|grant| grant.subject == subject)?;
        people::with_email(&grant.email)
    })
}

async fn stylesheet() -> Response {
    const TEXT: &str = include_str!("../../templates/platform.css");
    let headers = [
        (CONTENT_TYPE, "text/css; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, TEXT).into_response()
}

async fn icon() -> Response {
    const TEXT: &str = include_str!("../../templates/icon.svg");
    ([(CONTENT_TYPE, "image/svg+xml")], TEXT).into_response()
}

const NOT_FOUND: ProblemPage<'static> = ProblemPage {
    title: "There is nothing here",
    text: "The address may be old or mistyped.",
};

/// The answer for paths without a route.
pub(crate) async fn not_found(uri: Uri, headers: HeaderMap) -> Response {
    let page = NOT_FOUND;
    problem(
        uri.path(),
        &headers,
        StatusCode::NOT_FOUND,
        page.title,
        page.text,
    )
}

/// A page for a browser, JSON for anything else.
pub(crate) fn problem(
    path: &str,
    headers: &HeaderMap,
    status: StatusCode,
    title: &str,
    text: &str,
) -> Response {
    let html = headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if html {
        page(status, &ProblemPage { title, text })
    } else {
        refusal(Product::of_path(path), status, text)
    }
}

/// The browser and the parameters of a form that one of our own pages sent.
pub(crate) fn honest_form(
    platform: &Platform,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Browser, Params), Box<Response>> {
    let browser = platform.sessions.browser(headers, platform.state.now());
    let params = Params::of_form(headers, body).unwrap_or_default();
    let csrf = params.get("csrf").unwrap_or_default();
    if from_elsewhere(headers) || !platform.sessions.csrf_holds(&browser, csrf) {
        return Err(Box::new(problem(
            "/",
            headers,
            StatusCode::FORBIDDEN,
            "This form has expired",
            "Go back, load the page anew and send it again. Cookies have to be allowed.",
        )));
    }
    Ok((browser, params))
}

/// True if a browser reports that another site sent this (Fetch Metadata).
pub(crate) fn from_elsewhere(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| site != "same-origin" && site != "none")
}

/// 303 to a path of this site.
fn to(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(location) = HeaderValue::from_str(path) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

fn with_cookie(platform: &Platform, browser: &Browser, mut response: Response) -> Response {
    if let Some(cookie) = platform.sessions.cookie(browser) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page can't be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// No scripts, no frames, nothing from elsewhere, nothing kept by caches.
///
/// `form-action` is left out on purpose: browsers hold it against the redirects that follow a form, and consent has to
/// redirect to the address that the client registered, and on from there.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut add = |name: HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    add(CONTENT_SECURITY_POLICY, POLICY);
    add(X_CONTENT_TYPE_OPTIONS, "nosniff");
    // "no-referrer" would turn the Origin of our own forms into "null".
    add(REFERRER_POLICY, "same-origin");
    add(CACHE_CONTROL, "no-store");
    response
}

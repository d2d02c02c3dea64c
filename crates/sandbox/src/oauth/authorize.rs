//! The authorization endpoint: a client's request, and the person's answer (RFC 6749, section 4.1).

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderMap, HeaderValue, LOCATION};
use url::Url;

use super::people::{self, Person};
use super::scope::Scopes;
use crate::control::calls::{Counter, Recent};
use crate::control::faults::{AuthorizationError, Kind, Stage, Target};
use crate::oauth::params::Params;
use crate::pages;
use crate::platform::{Platform, Shared};
use crate::state::{Code, Registered};

/// A request that may be shown to a person.
#[derive(Debug, Clone)]
pub(crate) struct AuthorizationRequest {
    pub(crate) client: Registered,
    pub(crate) scopes: Scopes,
    pub(crate) login_hint: Option<String>,
    redirect_uri: Url,
    /// As it was sent: its spelling is compared again at the token endpoint.
    redirect_uri_text: String,
    state: Option<String>,
    challenge: String,
    nonce: Option<String>,
    prompt: Option<String>,
}

/// Reasons for which a request can't be shown.
#[derive(Debug)]
pub(crate) enum Problem {
    /// Client or redirect URI can't be trusted, so the error is shown to the person here (section 4.1.2.1).
    Untrusted(&'static str),
    /// The client receives the error.
    Refused { error: &'static str, location: Url },
}

/// Reads an authorization request: first the client and redirect URI, then the rest.
pub(crate) fn read_request(
    platform: &Platform,
    query: &str,
) -> Result<AuthorizationRequest, Problem> {
    use Problem::Untrusted;
    let params = Params::parse(query.as_bytes());
    let repeated = params.repeated();
    if matches!(repeated, Some("client_id" | "redirect_uri")) {
        return Err(Untrusted(
            "The link names its sender more than once; it may name one.",
        ));
    }
    let client = params
        .get("client_id")
        .and_then(|id| platform.state.client(id))
        .ok_or(Untrusted(
            "The application that sent you isn’t registered here.",
        ))?;
    let redirect_uri_text = params
        .get("redirect_uri")
        .ok_or(Untrusted("The link has no address to return to."))?;
    let redirect_uri = client
        .redirect_uris
        .iter()
        .find(|registered| registered.as_str() == redirect_uri_text)
        .cloned()
        .ok_or(Untrusted(
            "The address to return to isn’t one that the application registered.",
        ))?;
    let state = params.get("state").map(str::to_owned);
    let refuse = |error: &'static str, description: &str| Problem::Refused {
        error,
        location: back(
            platform,
            &redirect_uri,
            state.as_deref(),
            &[("error", error), ("error_description", description)],
        ),
    };
    if let Some(name) = repeated {
        return Err(refuse(
            "invalid_request",
            &format!("{name} is given more than once; give it once"),
        ));
    }
    match params.get("response_type") {
        Some("code") => {}
        Some(_) => {
            return Err(refuse(
                "unsupported_response_type",
                "only response_type=code is supported",
            ));
        }
        None => {
            return Err(refuse(
                "invalid_request",
                "response_type is missing; it must be code",
            ));
        }
    }
    if params
        .get("response_mode")
        .is_some_and(|mode| mode != "query")
    {
        return Err(refuse(
            "invalid_request",
            "only response_mode=query is supported",
        ));
    }
    if params.get("request").is_some() {
        return Err(refuse(
            "request_not_supported",
            "request objects aren't supported; send the parameters in the query",
        ));
    }
    if params.get("request_uri").is_some() {
        return Err(refuse(
            "request_uri_not_supported",
            "request objects aren't supported; send the parameters in the query",
        ));
    }
    let scopes = Scopes::parse(params.get("scope").unwrap_or_default())
        .map_err(|error| refuse("invalid_scope", &error.to_string()))?;
    if scopes == Scopes::default() {
        return Err(refuse("invalid_scope", "scope is missing"));
    }
    if scopes.reaches_beyond(client.product) {
        return Err(refuse(
            "invalid_scope",
            &format!("this client reads {} data only", client.product),
        ));
    }
    if params.get("code_challenge_method") != Some("S256") {
        return Err(refuse(
            "invalid_request",
            "PKCE with code_challenge_method=S256 is required",
        ));
    }
    let challenge = params.get("code_challenge").unwrap_or_default();
    // SHA-256 in base64url without padding (RFC 7636, section 4.2).
    let fits = challenge.len() == 43
        && (challenge.bytes()).all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !fits {
        return Err(refuse(
            "invalid_request",
            "code_challenge is missing or isn't a SHA-256 in base64url",
        ));
    }
    Ok(AuthorizationRequest {
        scopes,
        login_hint: params.get("login_hint").map(str::to_owned),
        challenge: challenge.to_owned(),
        nonce: params.get("nonce").map(str::to_owned),
        prompt: params.get("prompt").map(str::to_owned),
        redirect_uri_text: redirect_uri_text.to_owned(),
        redirect_uri,
        state,
        client,
    })
}

impl AuthorizationRequest {
    /// The person agrees: a code is made and sent back.
    pub(crate) fn agree(
        &self,
        platform: &Platform,
        person: &Person,
        signed_in: DateTime<Utc>,
        business: &str,
    ) -> Url {
        let code = platform.state.issue_code(Code {
            client_id: self.client.id.clone(),
            product: self.client.product,
            redirect_uri: self.redirect_uri_text.clone(),
            challenge: self.challenge.clone(),
            scopes: self.scopes.clone(),
            nonce: self.nonce.clone(),
            business: business.into(),
            email: person.email.clone(),
            subject: person.subject(),
            signed_in,
            expires: signed_in,
            spent: None,
        });
        self.back(platform, &[("code", &code)])
    }

    pub(crate) fn refuse(&self, platform: &Platform, error: &str, description: &str) -> Url {
        self.back(
            platform,
            &[("error", error), ("error_description", description)],
        )
    }

    pub(crate) fn deny(&self, platform: &Platform) -> Url {
        self.refuse(platform, "access_denied", "the person refused")
    }

    /// The error that an armed fault answers with.
    pub(crate) fn struck(&self, platform: &Platform) -> Option<(&'static str, Url)> {
        let target = Target {
            product: Some(self.client.product),
            path: "/oauth/authorize",
            ..Target::default()
        };
        let struck = platform.faults.strike(Stage::Authorization, target);
        let error = struck.into_iter().find_map(|kind| match kind {
            Kind::Deny => Some("access_denied"),
            Kind::AuthorizationError {
                error: AuthorizationError::ServerError,
            } => Some("server_error"),
            Kind::AuthorizationError {
                error: AuthorizationError::TemporarilyUnavailable,
            } => Some("temporarily_unavailable"),
            _ => None,
        })?;
        let location = self.refuse(platform, error, "a fault armed on the control page");
        Some((error, location))
    }

    /// The address that the answer goes to, to name its host on the page.
    pub(crate) fn returns_to(&self) -> &Url {
        &self.redirect_uri
    }

    fn back(&self, platform: &Platform, answer: &[(&str, &str)]) -> Url {
        back(platform, &self.redirect_uri, self.state.as_deref(), answer)
    }

    fn prompts(&self, value: &str) -> bool {
        (self.prompt.as_deref()).is_some_and(|prompt| prompt.split(' ').any(|word| word == value))
    }
}

/// The redirect URI with the answer, the state and the issuer (RFC 9207) added to its query.
fn back(platform: &Platform, uri: &Url, state: Option<&str>, answer: &[(&str, &str)]) -> Url {
    let mut location = uri.clone();
    {
        let mut query = location.query_pairs_mut();
        query.extend_pairs(answer);
        if let Some(state) = state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", platform.config.issuer());
    }
    location
}

/// `GET /oauth/authorize`: the sign-in page, the consent page, or an error.
pub(super) async fn authorize(
    State(platform): State<Shared>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    platform.calls.received(&Counter::Authorize);
    let query = query.unwrap_or_default();
    let (answer, who, response) = match read_request(&platform, &query) {
        Err(problem) => {
            let (answer, response) = problem.tell(&headers);
            (answer, None, response)
        }
        Ok(authorization) => {
            let (answer, response) = first_page(&platform, &headers, &query, &authorization);
            (answer, Some(authorization.client.id), response)
        }
    };
    let call = Recent {
        at: platform.state.now(),
        method: "GET".into(),
        path: "/oauth/authorize".into(),
        answer: answer.into(),
        who,
    };
    platform.calls.answered(&Counter::Authorize, call);
    response
}

fn first_page(
    platform: &Platform,
    headers: &HeaderMap,
    query: &str,
    authorization: &AuthorizationRequest,
) -> (&'static str, Response) {
    let refuse = |error: &'static str, description: &str| {
        let location = authorization.refuse(platform, error, description);
        (error, see_other(&location))
    };
    if let Some((error, location)) = authorization.struck(platform) {
        return (error, see_other(&location));
    }
    let browser = platform.sessions.browser(headers, platform.state.now());
    let again = authorization.prompts("login") || authorization.prompts("select_account");
    if authorization.prompts("none") {
        return match browser.signed_in {
            None => refuse("login_required", "no person is signed in"),
            Some(_) => refuse("consent_required", "a person has to agree"),
        };
    }
    if browser.signed_in.is_some() && !again {
        (
            "consent page",
            pages::consent(platform, &browser, query, authorization, None),
        )
    } else {
        (
            "sign-in page",
            pages::sign_in(platform, &browser, query, authorization, None),
        )
    }
}

/// `GET /oauth/consent`: the page after signing in. Not counted as a new request.
pub(super) async fn show_consent(
    State(platform): State<Shared>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let authorization = match read_request(&platform, &query) {
        Ok(authorization) => authorization,
        Err(problem) => return problem.tell(&headers).1,
    };
    let browser = platform.sessions.browser(&headers, platform.state.now());
    if browser.signed_in.is_some() {
        pages::consent(&platform, &browser, &query, &authorization, None)
    } else {
        pages::sign_in(&platform, &browser, &query, &authorization, None)
    }
}

/// `POST /oauth/consent`: Allow with a business, or Deny.
pub(super) async fn decide(
    State(platform): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (browser, params) = match pages::honest_form(&platform, &headers, &body) {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let query = params.get("request").unwrap_or_default();
    let authorization = match read_request(&platform, query) {
        Ok(authorization) => authorization,
        Err(problem) => return problem.tell(&headers).1,
    };
    let signed_in = browser.signed_in.clone();
    let person = signed_in
        .as_ref()
        .and_then(|signed_in| people::with_email(&signed_in.email));
    let (Some(signed_in), Some(person)) = (signed_in, person) else {
        return pages::sign_in(&platform, &browser, query, &authorization, None);
    };
    if params.get("decision") != Some("allow") {
        return see_other(&authorization.deny(&platform));
    }
    match params.get("business").and_then(|id| platform.business(id)) {
        Some(business) => {
            see_other(&authorization.agree(&platform, &person, signed_in.at, business.id))
        }
        None => {
            let choose = "Choose the business to share.";
            pages::consent(&platform, &browser, query, &authorization, Some(choose))
        }
    }
}

impl Problem {
    fn tell(self, headers: &HeaderMap) -> (&'static str, Response) {
        match self {
            Self::Untrusted(text) => (
                "refused here",
                pages::problem(
                    "/oauth/authorize",
                    headers,
                    StatusCode::BAD_REQUEST,
                    "This link can’t be used",
                    text,
                ),
            ),
            Self::Refused { error, location } => (error, see_other(&location)),
        }
    }
}

/// 303, so that a form's POST becomes a GET (RFC 9700, section 4.12).
fn see_other(location: &Url) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(location) = HeaderValue::from_str(location.as_str()) {
        headers.insert(LOCATION, location);
    }
    response
}

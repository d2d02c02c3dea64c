//! Access tokens for one company.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::AppState;
use crate::around::body::Body;
use crate::around::errors::ApiError;
use crate::around::tenancy::{ForPage, OwnCompany};
use platform::access::company_tokens::{self, Audience, Bearer};
use platform::access::links::passwords::{self, Purpose};
use platform::companies::link;
use platform::connecting::{self, Holder};
use store::companies::Company;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CompanyToken {
    expires_in: i64,
    access_token: String,
    token_type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectionManagementToken {
    access_token: String,
}

pub(crate) async fn company(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
) -> Result<Json<CompanyToken>, ApiError> {
    Ok(Json(for_link(&app, &company)))
}

/// The characters of a session's secret: fewer can be guessed.
const SHORTEST_SECRET: usize = 22;
const LONGEST_SECRET: usize = 200;

#[derive(Deserialize)]
pub(crate) struct SessionIn {
    /// The company's one-time link: its `redirect`.
    link: String,
    /// A secret of the page's own making. With it the same link serves again, when the page is loaded anew; without it, no more.
    session: String,
}

/// Gives a page a token for the company's one-time link, where the client doesn't require that its server asks for one.
pub(crate) async fn session(
    State(app): State<AppState>,
    ForPage(company): ForPage,
    Body(body): Body<SessionIn>,
) -> Result<Json<CompanyToken>, ApiError> {
    let chars = body.session.chars().count();
    if !(SHORTEST_SECRET..=LONGEST_SECRET).contains(&chars) {
        return Err(ApiError::invalid(
            "session",
            format!(
                "session has {chars} characters; give a random text of {SHORTEST_SECRET} to {LONGEST_SECRET}."
            ),
        ));
    }
    if link::of_client(&app, company.client_id)
        .await?
        .requires_token()
    {
        return Err(ApiError::forbidden(
            "Link needs an access token here. To have a one-time link suffice, set requireAccessToken to false with PUT /profile/link.",
        ));
    }
    let link = Url::parse(&body.link).ok();
    let password = link.as_ref().and_then(|link| {
        let mut members = link.query_pairs();
        members.find_map(|(name, value)| (name == "link.otp").then(|| value.into_owned()))
    });
    let genuine = password.and_then(|password| {
        let now = app.clock.now();
        passwords::check(
            &app.vault,
            Purpose::Company,
            company.id.0,
            "",
            &password,
            now,
        )
    });
    let genuine = genuine.ok_or_else(|| {
        ApiError::gone("This is not a link to the company's page, or one of more than a day ago.")
    })?;
    match connecting::hold(&app, &genuine, &body.session).await? {
        Holder::Own => Ok(Json(for_link(&app, &company))),
        Holder::Other | Holder::Unknown => Err(ApiError::gone("This link was used before.")),
    }
}

fn for_link(app: &AppState, company: &Company) -> CompanyToken {
    CompanyToken {
        expires_in: Audience::Company.lifetime().num_seconds(),
        access_token: issue(app, company, Audience::Company),
        token_type: "Bearer",
    }
}

pub(crate) async fn connection_management(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
) -> Result<Json<ConnectionManagementToken>, ApiError> {
    let access_token = issue(&app, &company, Audience::ConnectionManagement);
    Ok(Json(ConnectionManagementToken { access_token }))
}

fn issue(app: &AppState, company: &Company, audience: Audience) -> String {
    let bearer = Bearer {
        client: company.client_id,
        company: company.id,
        audience,
    };
    company_tokens::issue(&app.vault, app.config.origin(), bearer, app.clock.now())
}

//! The way through the platform's consent in the developer's browser: authorization URL, redirect, tokens.

use std::io::IsTerminal;
use std::time::Duration;

use anyhow::{anyhow, bail, ensure};
use chrono::{DateTime, Utc};
use connectors::pkce::Verifier;
use connectors::{AuthorizationRequest, Integration, OAuthError, TokenSet};
use console::Style;
use egress::Secret;
use store::clock::{random_bytes, wall_now};

use super::Try;
use super::session::Session;
use crate::cli::pack::callback::{self, Callback, Lines, Query};
use crate::cli::pack::terminal::{count, print_done, print_wrapped, printable, say};

impl Try {
    /// Sends the developer, who plays the customer, to the platform, and exchanges the redirect's code for tokens.
    pub(super) async fn authorise(
        &self,
        session: &mut Session,
        lines: &mut Lines,
    ) -> anyhow::Result<TokenSet> {
        let integration = session.integration.clone();
        let callback = Callback::listen(self.port).await?;
        let redirect_uri = match &self.redirect_uri {
            Some(uri) => uri.to_string(),
            None => format!("http://localhost:{}{}", callback.port()?, callback::PATH),
        };
        let state = Verifier::from_bytes(random_bytes())
            .secret()
            .expose()
            .to_owned();
        let verifier = integration
            .pkce()
            .then(|| Verifier::from_bytes(random_bytes()));
        let challenge = verifier.as_ref().map(Verifier::challenge);
        let scopes = integration.scopes_for(&self.chosen_types(&integration)?, &[], false);
        let Some(url) = integration.authorization_url(
            &session.credentials,
            &AuthorizationRequest {
                redirect_uri: &redirect_uri,
                state: &state,
                scopes: &scopes,
                code_challenge: challenge.as_deref(),
                nonce: None,
            },
        ) else {
            bail!("the platform has no sign-in: give --way");
        };
        let print = |text: &str| print_wrapped("  ", text, &Style::new());
        print(&format!(
            "Redirect URI, which must be registered at the platform exactly so: {redirect_uri}"
        ));
        say!();
        print("Open this in a browser, and allow the access:");
        say!();
        print(url.as_str());
        say!();
        print(if std::io::stdin().is_terminal() {
            "Waiting for the browser to come back. If it ends at an address that can't be opened, paste that address here. Ctrl-C stops."
        } else {
            "Waiting for the browser to come back."
        });
        let query = callback.wait(&state, lines).await?;
        let code = authorization_code(&integration, &query)?;
        for name in integration.callback_parameters() {
            if let Some(value) = query.get(name) {
                session.variables.insert(name.clone(), value.clone());
            }
        }
        let tokens = integration
            .exchange(
                &session.door,
                &session.credentials,
                &redirect_uri,
                &code,
                verifier.as_ref().map(Verifier::secret),
                &session.variables,
            )
            .await
            .map_err(|error| refused(&error, "the code could not be exchanged for tokens"))?;
        session
            .variables
            .extend(integration.claims_of(&tokens.access_token));
        print_done("linked", &lifetimes(&tokens, &integration));
        Ok(tokens)
    }
}

/// The code of the redirect, once its issuer (RFC 9207) is the manifest's and it reports no error.
fn authorization_code(integration: &Integration, query: &Query) -> anyhow::Result<Secret> {
    if let (Some(expected), Some(given)) = (integration.issuer(), query.get("iss")) {
        ensure!(
            expected == given,
            "the redirect comes from the issuer {}; the manifest's is {expected}",
            printable(given)
        );
    }
    if let Some(error) = query.get("error") {
        let reason = match query.get("error_description") {
            Some(description) if !description.is_empty() => format!("{error}: {description}"),
            _ => error.clone(),
        };
        bail!("the platform gave no access: {}", printable(&reason));
    }
    match query.get("code") {
        Some(code) if !code.is_empty() => Ok(Secret::new(code.as_str())),
        _ => bail!("the platform's redirect has neither a code nor an error"),
    }
}

/// A token endpoint's refusal: the platform's own message, and the settings that mostly cause it.
pub(super) fn refused(error: &OAuthError, what: &str) -> anyhow::Error {
    match error {
        OAuthError::Refused { error, description } => {
            let reason = match description {
                Some(description) => format!("{error}: {description}"),
                None => error.clone(),
            };
            anyhow!(
                "{what}: the platform refused ({}). Check that the client id, its secret and the redirect URI are those registered there, and that client_authentication is the method it expects",
                printable(&reason)
            )
        }
        error => anyhow!("{what}: {error}"),
    }
}

/// The lifetimes of the tokens, as the platform reports them or the manifest states them.
fn lifetimes(tokens: &TokenSet, integration: &Integration) -> String {
    let until =
        |time: Option<DateTime<Utc>>| time.and_then(|time| (time - wall_now()).to_std().ok());
    let access = tokens.expires_in.or_else(|| until(tokens.expires_at));
    let mut text = match access {
        Some(life) => format!("the access token lives {}", span(life)),
        None => "the platform reports no lifetime of the access token".to_owned(),
    };
    if tokens.refresh_token.is_some() {
        let reported = tokens
            .refresh_expires_in
            .or_else(|| until(tokens.refresh_expires_at));
        text.push_str(&match (reported, integration.refresh_token_lifetime()) {
            (Some(life), _) => format!(", the refresh token {}", span(life)),
            (None, Some(life)) => {
                format!(", the refresh token {} by the manifest", span(life))
            }
            (None, None) => ", the refresh token for an unknown time".to_owned(),
        });
    }
    text
}

/// A lifetime in whole days, hours or minutes.
pub(super) fn span(life: Duration) -> String {
    // Some seconds have passed since the platform computed it: round, don't cut.
    let seconds = life.as_secs() + 30;
    match seconds {
        172_800.. => format!("{} days", seconds / 86_400),
        7_200.. => format!("{} hours", seconds / 3_600),
        _ => count(usize::try_from(seconds / 60).unwrap_or_default(), "minute"),
    }
}

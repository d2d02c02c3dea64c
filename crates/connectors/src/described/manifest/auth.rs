//! `[auth]`: giving access, keeping it and giving it back.

use std::collections::BTreeMap;
use std::num::{NonZeroU16, NonZeroU32};

use records::DataType;
use serde::Deserialize;

use super::scopes::ScopeSection;
use super::ways::WaySection;

/// The protocol by which a customer gives access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AuthKind {
    OAuth2,
    /// No sign-in: by `[[auth.way]]` alone.
    Typed,
}

/// The client's proof of identity at the token endpoint (RFC 6749 § 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientAuthentication {
    /// The `Authorization` header, its halves form-encoded.
    Basic,
    /// The same with the halves as they are, as many servers read it.
    #[serde(rename = "basic-raw")]
    RawBasic,
    /// `client_id` and `client_secret` in the body.
    Post,
    /// A public client: `client_id` alone.
    None,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthSection {
    pub(crate) kind: AuthKind,
    pub(crate) authorize_url: Option<String>,
    /// Further parameters of the authorization URL.
    #[serde(default)]
    pub(crate) authorize_parameters: BTreeMap<String, String>,
    pub(crate) token_url: Option<String>,
    pub(crate) revoke_url: Option<String>,
    /// OpenID's user info endpoint.
    pub(crate) userinfo_url: Option<String>,
    pub(crate) issuer: Option<String>,
    /// The scopes of every authorization.
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    /// Further scopes, each requested only for what needs it.
    #[serde(default)]
    pub(crate) scope: Vec<ScopeSection>,
    /// Data types that need no further scope, where others do.
    #[serde(default)]
    pub(crate) scopes_suffice_for: Vec<DataType>,
    /// A sentence for the customer, if the narrowest scopes of the platform allow more than is done with them.
    pub(crate) scopes_note: Option<String>,
    pub(crate) client_authentication: Option<ClientAuthentication>,
    #[serde(default = "yes")]
    pub(crate) pkce: bool,
    /// The member of the token response with the refresh token's lifetime, in seconds.
    pub(crate) refresh_expires_in: Option<String>,
    /// The refresh token's lifetime, if the token response doesn't say.
    pub(crate) refresh_token_days: Option<NonZeroU16>,
    /// The lifetime of a customer's consent, which refreshing tokens doesn't extend.
    pub(crate) consent_days: Option<NonZeroU16>,
    /// The time before the end of either at which the client is warned.
    pub(crate) warning_days: Option<NonZeroU16>,
    /// The access token's lifetime, if the token response doesn't say.
    pub(crate) access_token_seconds: Option<NonZeroU32>,
    /// The format of a token request's body.
    #[serde(default)]
    pub(crate) token_request: BodyFormat,
    /// Dotted path of the object with the tokens in the answer, if it isn't the answer itself.
    pub(crate) token_answer: Option<String>,
    /// Further headers of requests to the token and revocation endpoints.
    #[serde(default)]
    pub(crate) token_headers: BTreeMap<String, String>,
    /// The members of the token response with the ends of the access and the refresh token, as date-times.
    pub(crate) expires_at: Option<String>,
    pub(crate) refresh_expires_at: Option<String>,
    /// Dotted paths of the code and the description in a refusal that isn't OAuth's own.
    pub(crate) token_error: Option<String>,
    pub(crate) token_error_description: Option<String>,
    /// The platform's codes that mean OAuth's `invalid_grant`.
    #[serde(default)]
    pub(crate) grant_lost: Vec<String>,
    /// A sentence on how a grant may have been lost there, for the customer who has to connect again.
    pub(crate) grant_lost_reason: Option<String>,
    /// The platform is known to refuse a grant that lives, now and then: a refusal is believed the second time.
    #[serde(default)]
    pub(crate) invalid_grant_may_pass: bool,
    /// Codes in the redirect back that mean OAuth's `access_denied`, beside those that every platform's are read as.
    #[serde(default)]
    pub(crate) cancelled: Vec<String>,
    /// Claims of the access token, a JWT, that become variables of the connection.
    #[serde(default)]
    pub(crate) token_claims: Vec<String>,
    /// The requests that give a grant back, if RFC 7009's isn't the way.
    #[serde(default)]
    pub(crate) revoke: Vec<RevokeSection>,
    /// The extent of a revocation, if it isn't the usual one of the way that is described.
    pub(crate) revocation_reach: Option<RevocationReach>,
    /// The page at the platform on which the business's own people see and remove access.
    pub(crate) manage_access_url: Option<String>,
    /// The way there, as a sentence.
    pub(crate) manage_access: Option<String>,
    /// Query parameters of the callback that become variables of the connection.
    #[serde(default)]
    pub(crate) callback_parameters: Vec<String>,
    /// The approval of an administrator, without which some organisations' people can't sign in.
    pub(crate) approval: Option<ApprovalSection>,
    /// Ways of giving access without a sign-in at the platform.
    #[serde(default)]
    pub(crate) way: Vec<WaySection>,
}

impl AuthSection {
    /// The names of the values that customers type, and which are no secrets: variables of the connection.
    pub(crate) fn typed_names(&self) -> impl Iterator<Item = &String> {
        let fields = self.way.iter().flat_map(|way| &way.field);
        fields
            .filter(|field| !field.secret)
            .map(|field| &field.name)
    }
}

/// A page at the platform on which an administrator approves the application for the whole organisation. It is no sign-in: it brings no code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovalSection {
    pub(crate) url: String,
    /// Its parameters, which know `${client_id}`, `${redirect_uri}` and `${state}`.
    pub(crate) parameters: BTreeMap<String, String>,
    /// The parameters of the redirect back, with their values, that mean that it was approved.
    pub(crate) approved: BTreeMap<String, String>,
    /// Words in the error of a sign-in that mean that it needs the approval.
    #[serde(default)]
    pub(crate) needed: Vec<String>,
}

/// All that ends at the platform if one grant is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RevocationReach {
    /// The one token that is sent.
    Token,
    /// All tokens of one authorization (RFC 7009 § 2.1).
    Grant,
    /// Everything that the application has of the account, by whichever authorization.
    Account,
}

/// The format of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BodyFormat {
    #[default]
    Form,
    Json,
    None,
}

/// One request of those that give a grant back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeSection {
    #[serde(default)]
    pub(crate) method: RevokeMethod,
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) body: BodyFormat,
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, String>,
    /// The `Authorization` header's text; without it, the same as at the token endpoint.
    pub(crate) authorization: Option<String>,
    /// Statuses that mean that there is nothing left to give back; 404 and 410 of a DELETE, if left out.
    pub(crate) gone: Option<Vec<u16>>,
    /// True if it ends the access to one account alone: then it is sent as soon as one of several that share a grant is disconnected.
    #[serde(default)]
    pub(crate) one_account: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum RevokeMethod {
    #[default]
    Post,
    Delete,
}

fn yes() -> bool {
    true
}

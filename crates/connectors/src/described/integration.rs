//! One platform's description, ready to use.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use records::{DataType, SourceType};
use url::Url;
use uuid::Uuid;

use super::access::approval::Approval;
use super::access::revoke::RevokeRequest;
use super::access::way::Way;
use super::branding::{Asset, AssetRole};
use super::list::{Body, Each, List, Plainer, ReadLookup};
use super::manifest::{
    BodyFormat, ClientAuthentication, Limits, ListSection, Reconciling, RefusalSection,
    RevocationReach, ScopeSection, Step, TokenRefused, ValidationErrors,
};
use super::names::WAY;
use super::options::PushOption;
use super::template::{Address, Headers, Template};
use super::write::{Write, WriteSupport};
use crate::machine::Machine;
use crate::map::Program;

/// Words for a customer who didn't allow access: OAuth's own (RFC 6749 § 4.1.2.1), and others in use.
const CANCELLED: [&str; 12] = [
    "access_denied",
    "accessdenied",
    "user_cancelled_login",
    "user_cancelled_authorize",
    "user_cancelled",
    "user_canceled",
    "user_denied",
    "cancelled",
    "canceled",
    "cancel",
    "consent_denied",
    "authorization_declined",
];

/// A platform: everything that its folder says, checked. Plain data: `ask` adds the operations.
#[derive(Debug)]
pub struct Integration {
    pub(crate) folder: PathBuf,
    pub(crate) key: String,
    pub(crate) extends: Option<String>,
    pub(crate) name: String,
    pub(crate) source_type: SourceType,
    pub(crate) integration_id: Uuid,
    pub(crate) source_id: Uuid,
    pub(crate) beta: bool,
    pub(crate) sandbox: bool,
    pub(crate) steps: Vec<Step>,
    pub(crate) auth: Auth,
    pub(crate) identity: IdentityRequest,
    pub(crate) api: Api,
    pub(crate) limits: Limits,
    pub(crate) support: Vec<DataSupport>,
    /// The lists of each type, in the order in which they are read.
    pub(crate) data: BTreeMap<DataType, Vec<List>>,
    pub(crate) unsupported: BTreeMap<DataType, String>,
    pub(crate) reconciliation: Reconciling,
    pub(crate) writes: BTreeMap<DataType, Write>,
    pub(crate) custom: Option<ListSection>,
    /// It calls, and is never reached.
    pub(crate) machine: Option<Arc<Machine>>,
    pub(crate) assets: BTreeMap<AssetRole, Asset>,
}

/// One data type that an integration offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataSupport {
    pub data_type: DataType,
    /// The platform lists changes since a time. If it doesn't, every pull brings everything, so that a record which no longer
    /// comes is gone at the platform.
    pub incremental: bool,
}

#[derive(Debug)]
pub(crate) struct Auth {
    /// None if there is no sign-in at the platform.
    pub(crate) authorize_url: Option<Url>,
    pub(crate) authorize_parameters: BTreeMap<String, String>,
    pub(crate) token_url: Option<Address>,
    pub(crate) revoke_url: Option<Address>,
    pub(crate) userinfo_url: Option<Url>,
    pub(crate) issuer: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) scope: Vec<ScopeSection>,
    pub(crate) scopes_note: Option<String>,
    pub(crate) client_authentication: ClientAuthentication,
    pub(crate) pkce: bool,
    /// If the answer has none.
    pub(crate) access_token_lifetime: Option<Duration>,
    pub(crate) refresh_expires_in: String,
    pub(crate) refresh_token_lifetime: Option<Duration>,
    pub(crate) consent_lifetime: Option<Duration>,
    pub(crate) expiry_warning: Duration,
    pub(crate) callback_parameters: Vec<String>,
    pub(crate) token_request: BodyFormat,
    pub(crate) token_answer: Option<String>,
    pub(crate) token_headers: Headers,
    pub(crate) expires_at: Option<String>,
    pub(crate) refresh_expires_at: Option<String>,
    pub(crate) token_error: Option<String>,
    pub(crate) token_error_description: Option<String>,
    pub(crate) grant_lost: Vec<String>,
    pub(crate) grant_lost_reason: Option<String>,
    pub(crate) invalid_grant_may_pass: bool,
    pub(crate) cancelled: Vec<String>,
    pub(crate) token_claims: Vec<String>,
    pub(crate) revoke: Vec<RevokeRequest>,
    pub(crate) revocation_reach: Option<RevocationReach>,
    pub(crate) manage_access_url: Option<Url>,
    pub(crate) manage_access: Option<String>,
    pub(crate) approval: Option<Approval>,
    pub(crate) ways: Vec<Way>,
}

#[derive(Debug)]
pub(crate) struct IdentityRequest {
    /// The values for each of which the request is made once.
    pub(crate) each: Option<Each>,
    pub(crate) skipped_statuses: Vec<u16>,
    pub(crate) all_skipped: Option<String>,
    pub(crate) url: Address,
    pub(crate) query: Vec<(String, Template)>,
    /// With a body, it is a POST.
    pub(crate) body: Option<Body>,
    /// Requests that are made in turn if the one before is refused.
    pub(crate) plainer: Vec<Plainer>,
    pub(crate) lookups: Vec<ReadLookup>,
    pub(crate) id: Option<Template>,
    pub(crate) map: Program,
}

#[derive(Debug)]
pub(crate) struct Api {
    /// Without a slash at its end.
    pub(crate) base: Address,
    pub(crate) headers: Headers,
    /// Tried in this order.
    pub(crate) error_message: Vec<String>,
    pub(crate) validation_errors: Option<ValidationErrors>,
    pub(crate) token_refused: Vec<TokenRefused>,
    pub(crate) refusals: Vec<RefusalSection>,
}

impl Integration {
    /// The folder that it was read from; `integrations/<name>` for one that comes with the program.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The platform key: four lower-case letters.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The key of the platform whose other environment this is, and whose maps it shares.
    pub fn extends(&self) -> Option<&str> {
        self.extends.as_deref()
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn source_type(&self) -> SourceType {
        self.source_type
    }

    pub fn integration_id(&self) -> Uuid {
        self.integration_id
    }

    pub fn source_id(&self) -> Uuid {
        self.source_id
    }

    pub fn beta(&self) -> bool {
        self.beta
    }

    /// A platform to practise on, without real companies.
    pub fn sandbox(&self) -> bool {
        self.sandbox
    }

    /// True if the platform's authorization page or its API is on this site.
    pub fn stands_at(&self, site: &url::Url) -> bool {
        let authorize = self.auth.authorize_url.as_ref();
        authorize.is_some_and(|url| url.origin() == site.origin()) || self.api.base.is_at(site)
    }

    /// True if customers can give access by signing in at the platform, for which its client needs an OAuth client there. A
    /// machine's address for it stands for none.
    pub fn signs_in(&self) -> bool {
        self.machine.is_none() && self.auth.authorize_url.is_some()
    }

    /// The ways of giving access without a sign-in, in the manifest's order.
    pub fn ways(&self) -> &[Way] {
        &self.auth.ways
    }

    /// The way of that key.
    pub fn way(&self, key: &str) -> Option<&Way> {
        self.auth.ways.iter().find(|way| way.key == key)
    }

    /// The way by which a connection's access was given, by its values; none for a sign-in at the platform.
    pub fn way_of(&self, variables: &BTreeMap<String, String>) -> Option<&Way> {
        self.way(variables.get(WAY)?)
    }

    /// The pages before the redirect, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    pub fn client_authentication(&self) -> ClientAuthentication {
        self.auth.client_authentication
    }

    /// True if authorizations carry a PKCE challenge.
    pub fn pkce(&self) -> bool {
        self.auth.pkce
    }

    /// The value that `iss` of the callback must equal (RFC 9207), if the platform announces one.
    pub fn issuer(&self) -> Option<&str> {
        self.auth.issuer.as_deref()
    }

    /// The scopes of every authorization; [`Integration::scopes_for`] adds those of what will be read and written.
    pub fn scopes(&self) -> &[String] {
        &self.auth.scopes
    }

    /// A sentence for the customer, if the narrowest scopes of the platform allow more than is done with them.
    pub fn scopes_note(&self) -> Option<&str> {
        self.auth.scopes_note.as_deref()
    }

    /// True if the platform offers revocation.
    pub fn can_revoke(&self) -> bool {
        self.auth.revoke_url.is_some() || !self.auth.revoke.is_empty()
    }

    /// All that ends at the platform if one grant is given back. RFC 7009's way ends that grant; of another way, of which the
    /// manifest says nothing, the worst is taken: that it ends everything of the account.
    pub fn revocation_reach(&self) -> RevocationReach {
        let usual = if self.auth.revoke.is_empty() {
            RevocationReach::Grant
        } else {
            RevocationReach::Account
        };
        self.auth.revocation_reach.unwrap_or(usual)
    }

    /// True if the platform can end the access to one account, while the grant goes on for others that it leads to.
    pub fn ends_one_account(&self) -> bool {
        self.auth.revoke.iter().any(|request| request.one_account)
    }

    /// True if giving a grant back takes an access token that is still good.
    pub fn revokes_by_access_token(&self) -> bool {
        let mut requests = self.auth.revoke.iter();
        requests.any(RevokeRequest::needs_access_token)
    }

    /// The page at the platform on which the business's own people see and remove access.
    pub fn manage_access_url(&self) -> Option<&Url> {
        self.auth.manage_access_url.as_ref()
    }

    /// The way for them to remove access at the platform, as a sentence.
    pub fn manage_access(&self) -> Option<&str> {
        self.auth.manage_access.as_deref()
    }

    /// A refresh token's lifetime from its issue, if the token response doesn't say.
    pub fn refresh_token_lifetime(&self) -> Option<Duration> {
        self.auth.refresh_token_lifetime
    }

    /// A consent's lifetime from the customer's authorization; refreshing its tokens doesn't extend it.
    pub fn consent_lifetime(&self) -> Option<Duration> {
        self.auth.consent_lifetime
    }

    /// The time before the end of either at which the client is warned.
    pub fn expiry_warning(&self) -> Duration {
        self.auth.expiry_warning
    }

    /// True if a refusal of the grant may be a passing fault of the platform's: believed the second time.
    pub fn invalid_grant_may_pass(&self) -> bool {
        self.auth.invalid_grant_may_pass
    }

    /// A sentence on how a grant may have been lost at the platform, if its manifest has one.
    pub fn grant_lost_reason(&self) -> Option<&str> {
        self.auth.grant_lost_reason.as_deref()
    }

    /// True if a redirect back with this error means that the customer didn't allow access.
    pub fn means_cancelled(&self, error: &str) -> bool {
        let own = self.auth.cancelled.iter().map(String::as_str);
        let mut known = CANCELLED.into_iter().chain(own);
        known.any(|word| word.eq_ignore_ascii_case(error.trim()))
    }

    /// Query parameters of the callback to keep with the connection and hand back in
    /// [`Access::variables`](crate::Access::variables).
    pub fn callback_parameters(&self) -> &[String] {
        &self.auth.callback_parameters
    }

    /// The data types on offer, in the manifest's order, which is the order to fetch them in.
    pub fn data(&self) -> &[DataSupport] {
        &self.support
    }

    pub fn supports(&self, data_type: DataType) -> bool {
        self.data.contains_key(&data_type)
    }

    /// The data types that the platform doesn't have, each with the reason: a sentence.
    pub fn unsupported(&self) -> impl Iterator<Item = (DataType, &str)> {
        let all = self.unsupported.iter();
        all.map(|(data_type, reason)| (*data_type, reason.as_str()))
    }

    /// The reason why the platform doesn't have a data type, if the manifest gives one.
    pub fn why_not(&self, data_type: DataType) -> Option<&str> {
        self.unsupported.get(&data_type).map(String::as_str)
    }

    /// Knowledge of the platform's lists for the comparison of their sums.
    pub fn reconciliation(&self) -> &Reconciling {
        &self.reconciliation
    }

    /// The number of lists that a data type is read from; 0 if it isn't on offer.
    pub fn lists(&self, data_type: DataType) -> usize {
        self.data.get(&data_type).map_or(0, Vec::len)
    }

    /// The most requests that a page of a data type needs: its own, those that are made in its place if it is refused, and one for
    /// each value that a list's map needs beside the records.
    pub fn requests_of_page(&self, data_type: DataType) -> usize {
        let lists = self.data.get(&data_type).into_iter().flatten();
        let further = lists.map(|list| list.requested_lookups() + list.plainer.len());
        1 + further.max().unwrap_or(0)
    }

    /// The operations that a type has; None if it can't be written.
    pub fn writes(&self, data_type: DataType) -> Option<WriteSupport> {
        self.writes.get(&data_type).map(|write| WriteSupport {
            create: write.create.is_some(),
            update: write.update.is_some(),
            repeatable: write.idempotency_header.is_some(),
        })
    }

    /// The types of which something can be written.
    pub fn written_types(&self) -> impl Iterator<Item = DataType> {
        self.writes.keys().copied()
    }

    /// The members that a record of the type may have. Choices that come from the connection's records are still to be
    /// filled in.
    pub fn push_options(&self, data_type: DataType) -> Option<&PushOption> {
        self.writes.get(&data_type).map(|write| &write.options)
    }

    /// The names of the values that the type's map needs beside the record.
    pub fn lookups(&self, data_type: DataType) -> impl Iterator<Item = &str> {
        let lookups = self.writes.get(&data_type).map(|write| &write.lookups);
        let lookups = lookups.into_iter().flatten();
        lookups.map(|lookup| lookup.name.as_str())
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    pub fn asset(&self, role: AssetRole) -> Option<&Asset> {
        self.assets.get(&role)
    }
}

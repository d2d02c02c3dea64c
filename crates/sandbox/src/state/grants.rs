//! A grant's life: a code, then tokens that rotate, then its end by revocation.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use ring::digest;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::{Memory, State, TokenHash, hash, random_token};
use crate::Access;
use crate::config::Product;
use crate::oauth::scope::{Scope, Scopes};

/// RFC 6749, section 4.1.2, recommends ten minutes at most; a minute is plenty for a redirect.
const CODE_TTL: TimeDelta = TimeDelta::seconds(60);
/// A spent code is kept, so that its reuse is seen.
const SPENT_CODE_MEMORY: TimeDelta = TimeDelta::minutes(10);
/// An expired access token is kept, so that the answer can say "expired".
const EXPIRED_TOKEN_MEMORY: TimeDelta = TimeDelta::hours(1);
/// A revoked grant stays on the control page for a while.
const REVOKED_GRANT_MEMORY: TimeDelta = TimeDelta::days(30);
/// Spent refresh tokens kept per grant, newest first, to see their reuse.
const SPENT_TOKENS_KEPT: usize = 1_000;

/// A person's agreement, waiting for the client to collect it.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) client_id: String,
    pub(crate) product: Product,
    pub(crate) redirect_uri: String,
    /// Base64url SHA-256 of the verifier (RFC 7636, S256).
    pub(crate) challenge: String,
    pub(crate) scopes: Scopes,
    pub(crate) nonce: Option<String>,
    pub(crate) business: String,
    pub(crate) email: String,
    pub(crate) subject: String,
    pub(crate) signed_in: DateTime<Utc>,
    pub(crate) expires: DateTime<Utc>,
    /// The grant made of it.
    pub(crate) spent: Option<Uuid>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) id: Uuid,
    pub(crate) client_id: String,
    pub(crate) product: Product,
    pub(crate) business: String,
    pub(crate) email: String,
    pub(crate) subject: String,
    pub(crate) scopes: Scopes,
    pub(crate) signed_in: DateTime<Utc>,
    pub(crate) created: DateTime<Utc>,
    pub(crate) last_refreshed: Option<DateTime<Utc>>,
    pub(crate) revoked: Option<Revocation>,
    pub(super) access: Vec<AccessToken>,
    pub(super) refresh: Vec<RefreshToken>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Revocation {
    pub(crate) at: DateTime<Utc>,
    pub(crate) reason: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct AccessToken {
    pub(super) hash: TokenHash,
    pub(super) expires: DateTime<Utc>,
    pub(super) scopes: Scopes,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct RefreshToken {
    hash: TokenHash,
    expires: DateTime<Utc>,
    spent: Option<DateTime<Utc>>,
}

/// Tokens on their way to the client: the only moment that they exist in clear text.
pub(crate) struct Issued {
    pub(crate) access_token: String,
    pub(crate) expires_in: i64,
    pub(crate) refresh_token: Option<String>,
    pub(crate) scopes: Scopes,
    pub(crate) nonce: Option<String>,
    pub(crate) client_id: String,
    pub(crate) email: String,
    pub(crate) signed_in: DateTime<Utc>,
}

/// The access that a live access token gives.
#[derive(Debug, Clone)]
pub(crate) struct Bearer {
    pub(crate) access: Access,
    pub(crate) scopes: Scopes,
    pub(crate) email: String,
    /// True for an API key, which is sent in a header of its own.
    pub(crate) is_key: bool,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("{0}")]
    InvalidGrant(&'static str),
    #[error("the scope goes beyond what was granted")]
    InvalidScope,
    #[error("the state file can't be written")]
    NotSaved(#[from] io::Error),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoAccess {
    #[error("the access token is unknown")]
    Unknown,
    #[error("the access token has expired")]
    Expired,
    #[error("the business took this access back")]
    Revoked,
}

impl State {
    /// Keeps an agreement for a minute and returns the code for it.
    pub(crate) fn issue_code(&self, agreed: Code) -> String {
        let now = self.now();
        let code = random_token();
        let mut memory = self.memory();
        memory.codes.retain(|_, code| {
            let memory_of_it = match code.spent {
                Some(_) => SPENT_CODE_MEMORY,
                None => TimeDelta::zero(),
            };
            code.expires + memory_of_it > now
        });
        let agreed = Code {
            expires: now + CODE_TTL,
            spent: None,
            ..agreed
        };
        memory.codes.insert(hash(&code), agreed);
        code
    }

    /// Exchanges code and verifier for tokens. A second try revokes those of the first (RFC 6749, section 4.1.2).
    pub(crate) async fn exchange(
        &self,
        client_id: &str,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
    ) -> Result<Issued, Refused> {
        let now = self.now();
        let outcome = self
            .memory()
            .exchange(now, client_id, code, redirect_uri, verifier);
        self.save().await?;
        outcome
    }

    /// Exchanges a refresh token for new tokens; it is spent by this. Reuse revokes the grant (RFC 9700, section 4.14).
    pub(crate) async fn refresh(
        &self,
        client_id: &str,
        token: &str,
        narrower: Option<&Scopes>,
    ) -> Result<Issued, Refused> {
        let now = self.now();
        let outcome = self.memory().refresh(now, client_id, token, narrower);
        self.save().await?;
        outcome
    }

    /// RFC 7009: a refresh token takes its grant along, an access token goes alone.
    ///
    /// `Ok` for an unknown token; an error for another client's.
    pub(crate) async fn revoke_token(&self, client_id: &str, token: &str) -> Result<(), Refused> {
        let now = self.now();
        let outcome = self.memory().revoke_token(now, client_id, token);
        self.save().await?;
        outcome
    }

    /// `false` if there is no such grant; one already revoked keeps its first reason.
    pub(crate) async fn revoke_grant(&self, id: Uuid, reason: &str) -> io::Result<bool> {
        let now = self.now();
        let known = self.memory().revoke(now, id, reason);
        self.save().await?;
        Ok(known)
    }

    /// Ends the access tokens of one grant, or of all; returns how many were live.
    pub(crate) async fn expire_access_tokens(&self, grant: Option<Uuid>) -> io::Result<usize> {
        let now = self.now();
        let mut expired = 0;
        {
            let mut memory = self.memory();
            for (id, held) in &mut memory.saved.grants {
                if grant.is_none_or(|grant| grant == *id) {
                    for token in held.access.iter_mut().filter(|token| token.expires > now) {
                        token.expires = now;
                        expired += 1;
                    }
                }
            }
            memory.revision += 1;
        }
        self.save().await?;
        Ok(expired)
    }

    /// Newest first.
    pub(crate) fn grants(&self) -> Vec<Grant> {
        let mut grants: Vec<_> = self.memory().saved.grants.values().cloned().collect();
        grants.sort_by_key(|grant| Reverse((grant.created, grant.id)));
        grants
    }

    pub(crate) fn grant(&self, id: Uuid) -> Option<Grant> {
        self.memory().saved.grants.get(&id).cloned()
    }

    pub(crate) fn bearer(&self, token: &str) -> Result<Bearer, NoAccess> {
        let now = self.now();
        let hash = hash(token);
        let memory = self.memory();
        let grant = memory.owner(&hash).ok_or(NoAccess::Unknown)?;
        let held = grant
            .access
            .iter()
            .find(|held| held.hash == hash)
            .ok_or(NoAccess::Unknown)?;
        if grant.revoked.is_some() {
            return Err(NoAccess::Revoked);
        }
        if held.expires <= now {
            return Err(NoAccess::Expired);
        }
        Ok(Bearer {
            access: Access {
                business: grant.business.clone(),
                product: grant.product,
                subject: grant.subject.clone(),
            },
            scopes: held.scopes.clone(),
            email: grant.email.clone(),
            is_key: grant.client_id == super::API_KEY,
        })
    }

    /// The business behind a code or refresh token, without touching either.
    pub(crate) fn business_behind(&self, presented: &str) -> Option<String> {
        let hash = hash(presented);
        let memory = self.memory();
        match memory.owner(&hash) {
            Some(grant) => Some(grant.business.clone()),
            None => memory.codes.get(&hash).map(|code| code.business.clone()),
        }
    }
}

impl Grant {
    pub(crate) fn live_access_tokens(&self, now: DateTime<Utc>) -> usize {
        self.access
            .iter()
            .filter(|token| token.expires > now && self.revoked.is_none())
            .count()
    }

    /// The end of the access token that lives longest, past or future.
    pub(crate) fn access_until(&self) -> Option<DateTime<Utc>> {
        self.access.iter().map(|token| token.expires).max()
    }
}

impl Memory {
    fn owner(&self, hash: &str) -> Option<&Grant> {
        self.owners
            .get(hash)
            .and_then(|id| self.saved.grants.get(id))
    }

    fn exchange(
        &mut self,
        now: DateTime<Utc>,
        client_id: &str,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
    ) -> Result<Issued, Refused> {
        let hash = hash(code);
        let agreed = match self.codes.get(&hash) {
            Some(agreed) if agreed.client_id == client_id => agreed.clone(),
            _ => return Err(Refused::InvalidGrant("this code is unknown")),
        };
        if let Some(grant) = agreed.spent {
            self.revoke(now, grant, "authorization code used twice");
            return Err(Refused::InvalidGrant(
                "this code was used before; its grant has been revoked",
            ));
        }
        // One try a code: a wrong redirect URI or verifier burns it, so that nothing can be guessed.
        self.codes.remove(&hash);
        if agreed.expires <= now {
            return Err(Refused::InvalidGrant("this code has expired"));
        }
        if agreed.redirect_uri != redirect_uri {
            return Err(Refused::InvalidGrant(
                "the redirect URI differs from that of the authorization request",
            ));
        }
        let challenge =
            URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
        if !bool::from(challenge.as_bytes().ct_eq(agreed.challenge.as_bytes())) {
            return Err(Refused::InvalidGrant(
                "the verifier doesn't fit the challenge",
            ));
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "the sandbox shares no code with the rest"
        )]
        let id = Uuid::new_v4();
        let grant = Grant {
            id,
            client_id: agreed.client_id.clone(),
            product: agreed.product,
            business: agreed.business.clone(),
            email: agreed.email.clone(),
            subject: agreed.subject.clone(),
            scopes: agreed.scopes.clone(),
            signed_in: agreed.signed_in,
            created: now,
            last_refreshed: None,
            revoked: None,
            access: Vec::new(),
            refresh: Vec::new(),
        };
        self.saved.grants.insert(id, grant);
        let nonce = agreed.nonce.clone();
        let scopes = agreed.scopes.clone();
        self.codes.insert(
            hash,
            Code {
                spent: Some(id),
                ..agreed
            },
        );
        self.issue(now, id, scopes, nonce)
    }

    fn refresh(
        &mut self,
        now: DateTime<Utc>,
        client_id: &str,
        token: &str,
        narrower: Option<&Scopes>,
    ) -> Result<Issued, Refused> {
        const UNKNOWN: Refused = Refused::InvalidGrant("this refresh token is unknown");
        let hash = hash(token);
        let grace = self.settings.refresh_reuse_grace();
        let Some(&id) = self.owners.get(&hash) else {
            return Err(UNKNOWN);
        };
        let Some(grant) = self.saved.grants.get_mut(&id) else {
            return Err(UNKNOWN);
        };
        if grant.client_id != client_id {
            return Err(UNKNOWN);
        }
        let Some(held) = grant.refresh.iter_mut().find(|held| held.hash == hash) else {
            return Err(UNKNOWN);
        };
        if grant.revoked.is_some() {
            return Err(Refused::InvalidGrant("this access has been revoked"));
        }
        if held.spent.is_some_and(|spent| spent + grace <= now) {
            self.revoke(now, id, "refresh token used twice");
            return Err(Refused::InvalidGrant(
                "this refresh token was used before; its grant has been revoked",
            ));
        }
        if held.expires <= now {
            return Err(Refused::InvalidGrant("this refresh token has expired"));
        }
        let scopes = match narrower {
            Some(narrower) if !narrower.within(&grant.scopes) => return Err(Refused::InvalidScope),
            Some(narrower) => narrower.clone(),
            None => grant.scopes.clone(),
        };
        held.spent.get_or_insert(now);
        grant.last_refreshed = Some(now);
        self.issue(now, id, scopes, None)
    }

    fn issue(
        &mut self,
        now: DateTime<Utc>,
        id: Uuid,
        scopes: Scopes,
        nonce: Option<String>,
    ) -> Result<Issued, Refused> {
        let settings = self.settings;
        let Some(grant) = self.saved.grants.get_mut(&id) else {
            return Err(Refused::InvalidGrant("this access is gone"));
        };
        let access_token = random_token();
        grant.access.push(AccessToken {
            hash: hash(&access_token),
            expires: now + settings.access_token_ttl(),
            scopes: scopes.clone(),
        });
        self.owners.insert(hash(&access_token), id);
        let refresh_token = grant.scopes.contains(Scope::OfflineAccess).then(|| {
            let token = random_token();
            grant.refresh.push(RefreshToken {
                hash: hash(&token),
                expires: now + settings.refresh_token_ttl(),
                spent: None,
            });
            token
        });
        if let Some(token) = &refresh_token {
            self.owners.insert(hash(token), id);
        }
        let issued = Issued {
            access_token,
            expires_in: settings.access_token_ttl().num_seconds(),
            refresh_token,
            scopes,
            nonce,
            client_id: grant.client_id.clone(),
            email: grant.email.clone(),
            signed_in: grant.signed_in,
        };
        self.revision += 1;
        self.prune_grant(now, id);
        Ok(issued)
    }

    fn revoke_token(
        &mut self,
        now: DateTime<Utc>,
        client_id: &str,
        token: &str,
    ) -> Result<(), Refused> {
        let hash = hash(token);
        let Some(&id) = self.owners.get(&hash) else {
            return Ok(());
        };
        let Some(grant) = self.saved.grants.get_mut(&id) else {
            return Ok(());
        };
        if grant.client_id != client_id {
            return Err(Refused::InvalidGrant(
                "this token was issued to another client",
            ));
        }
        if let Some(position) = grant.access.iter().position(|held| held.hash == hash) {
            grant.access.remove(position);
            self.owners.remove(&hash);
            self.revision += 1;
        } else {
            self.revoke(now, id, "revoked by the client");
        }
        Ok(())
    }

    fn revoke(&mut self, now: DateTime<Utc>, id: Uuid, reason: &str) -> bool {
        let Some(grant) = self.saved.grants.get_mut(&id) else {
            return false;
        };
        if grant.revoked.is_none() {
            grant.revoked = Some(Revocation {
                at: now,
                reason: reason.into(),
            });
            self.revision += 1;
        }
        true
    }

    pub(super) fn revoke_all_of(&mut self, client_id: &str, now: DateTime<Utc>) {
        let ids: Vec<_> = (self.saved.grants.values())
            .filter(|grant| grant.client_id == client_id)
            .map(|grant| grant.id)
            .collect();
        for id in ids {
            self.revoke(now, id, "the client was removed");
        }
    }

    /// Drops entries that are no longer needed: old tokens, and grants revoked long ago.
    pub(super) fn prune(&mut self, now: DateTime<Utc>) {
        self.saved.grants.retain(|_, grant| {
            grant
                .revoked
                .as_ref()
                .is_none_or(|revoked| revoked.at + REVOKED_GRANT_MEMORY > now)
        });
        self.owners = owners(&self.saved.grants);
        let ids: Vec<_> = self.saved.grants.keys().copied().collect();
        for id in ids {
            self.prune_grant(now, id);
        }
    }

    /// Drops tokens so old that they may count as unknown.
    fn prune_grant(&mut self, now: DateTime<Utc>, id: Uuid) {
        let Some(grant) = self.saved.grants.get_mut(&id) else {
            return;
        };
        let mut dropped = Vec::new();
        grant.access.retain(|token| {
            let keep = token.expires + EXPIRED_TOKEN_MEMORY > now;
            if !keep {
                dropped.push(token.hash.clone());
            }
            keep
        });
        let excess = grant.refresh.len().saturating_sub(SPENT_TOKENS_KEPT);
        dropped.extend(grant.refresh.drain(..excess).map(|token| token.hash));
        for hash in dropped {
            self.owners.remove(&hash);
        }
    }
}

/// The index from token to grant.
pub(super) fn owners(grants: &BTreeMap<Uuid, Grant>) -> HashMap<TokenHash, Uuid> {
    grants
        .values()
        .flat_map(|grant| {
            let access = grant.access.iter().map(|token| &token.hash);
            let refresh = grant.refresh.iter().map(|token| &token.hash);
            access
                .chain(refresh)
                .map(|hash| (hash.clone(), grant.id))
                .collect::<Vec<_>>()
        })
        .collect()
}

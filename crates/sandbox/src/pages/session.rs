//! Signed-in people by browser, and the tokens that keep forms from being forged.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::{COOKIE, HeaderMap, HeaderValue};
use parking_lot::Mutex;
use ring::{hmac, rand::SystemRandom};

use crate::config::Config;
use crate::state::random_token;

const SIGNED_IN_FOR: TimeDelta = TimeDelta::hours(12);

pub(crate) struct Sessions {
    cookie_name: &'static str,
    secure: bool,
    /// Made at start: forms from before a restart have to be loaded again.
    csrf_key: hmac::Key,
    signed_in: Mutex<HashMap<String, SignedIn>>,
}

#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    pub(crate) email: String,
    pub(crate) at: DateTime<Utc>,
}

/// One browser, known by its cookie.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    id: String,
    /// Its cookie has yet to be set.
    fresh: bool,
    pub(crate) signed_in: Option<SignedIn>,
}

impl Sessions {
    pub(crate) fn new(config: &Config) -> Self {
        let secure = config.public_url.scheme() == "https";
        Self {
            cookie_name: if secure {
                "__Host-practice_session"
            } else {
                "practice_session"
            },
            secure,
            csrf_key: hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
                .expect("the operating system has randomness"),
            signed_in: Mutex::default(),
        }
    }

    pub(crate) fn browser(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Browser {
        let id = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == self.cookie_name)
            // As long as the ones handed out here: 32 bytes in base64url.
            .filter(|(_, id)| id.len() == 43)
            .map(|(_, id)| id.to_owned());
        match id {
            Some(id) => Browser {
                signed_in: (self.table().get(&id))
                    .filter(|signed_in| signed_in.at + SIGNED_IN_FOR > now)
                    .cloned(),
                id,
                fresh: false,
            },
            None => Browser {
                id: random_token(),
                fresh: true,
                signed_in: None,
            },
        }
    }

    /// Signs in under a new cookie, so that one planted before is worthless (session fixation).
    pub(crate) fn sign_in(&self, browser: &Browser, email: &str, now: DateTime<Utc>) -> Browser {
        let signed_in = SignedIn {
            email: email.into(),
            at: now,
        };
        let id = random_token();
        let mut table = self.table();
        table.remove(&browser.id);
        table.retain(|_, signed_in| signed_in.at + SIGNED_IN_FOR > now);
        table.insert(id.clone(), signed_in.clone());
        Browser {
            id,
            fresh: true,
            signed_in: Some(signed_in),
        }
    }

    pub(crate) fn sign_out(&self, browser: &Browser) {
        self.table().remove(&browser.id);
    }

    /// The token that a form must send back; tied to the browser's cookie.
    pub(crate) fn csrf_token(&self, browser: &Browser) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.csrf_key, browser.id.as_bytes()))
    }

    /// Constant time.
    pub(crate) fn csrf_holds(&self, browser: &Browser, token: &str) -> bool {
        !browser.fresh
            && URL_SAFE_NO_PAD
                .decode(token)
                .is_ok_and(|tag| hmac::verify(&self.csrf_key, browser.id.as_bytes(), &tag).is_ok())
    }

    /// The cookie to set, if the browser doesn't hold it yet.
    pub(crate) fn cookie(&self, browser: &Browser) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!(
            "{}={}; Path=/; HttpOnly; SameSite=Lax{secure}",
            self.cookie_name, browser.id
        );
        (browser.fresh).then(|| HeaderValue::from_str(&text).ok())?
    }

    fn table(&self) -> parking_lot::MutexGuard<'_, HashMap<String, SignedIn>> {
        self.signed_in.lock()
    }
}

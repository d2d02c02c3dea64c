//! One tenant: a platform with grants of its own, honest until it is steered.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::Method;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use store::clock::Clock;
use tokio::sync::watch;
use url::Url;

use super::answers::{Asked, Reply};

pub const CLIENT_ID: &str = "me";
pub const CLIENT_SECRET: &str = "a secret: of the platform+";

/// The reach of a revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// A refresh token ends its grant, an access token itself (RFC 7009 § 2.1).
    Token,
    /// Any token ends its grant.
    Grant,
    /// Any token ends every grant of its account.
    Account,
}

/// The settings of a tenant.
#[derive(Clone, Debug)]
pub struct Shape {
    pub client_secret: String,
    pub token_seconds: i64,
    pub gives_refresh_tokens: bool,
    /// True if a renewal gives a new refresh token and spends the old one.
    pub rotates: bool,
    /// True if a spent refresh token that comes again ends its grant.
    pub reuse_ends_grant: bool,
    pub reach: Reach,
    /// True if a spent refresh token is as good for a revocation as its successor.
    pub spent_tokens_revoke: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            client_secret: CLIENT_SECRET.to_owned(),
            token_seconds: 1800,
            gives_refresh_tokens: true,
            rotates: true,
            reuse_ends_grant: true,
            reach: Reach::Grant,
            spent_tokens_revoke: true,
        }
    }
}

/// Access that a customer gave.
#[derive(Clone, Debug)]
pub struct Grant {
    pub account: String,
    /// The reason why it ended; none while it lives.
    pub ended: Option<&'static str>,
    access: Vec<(String, DateTime<Utc>)>,
    refresh: Option<String>,
    spent: Vec<String>,
}

impl Grant {
    fn of(account: String) -> Self {
        Self {
            account,
            ended: None,
            access: Vec::new(),
            refresh: None,
            spent: Vec::new(),
        }
    }

    fn knows(&self, token: &str) -> bool {
        self.refresh.as_deref() == Some(token)
            || self.spent.iter().any(|spent| spent == token)
            || self.access.iter().any(|(access, _)| access == token)
    }
}

/// An answer in an endpoint's place; None leaves the request to the next, and to the honest endpoint in the end.
type Instead = Arc<dyn Fn(&Asked) -> Option<Reply> + Send + Sync>;
/// Changes the honest answer, whose effect has happened.
type Dress = Arc<dyn Fn(&Asked, Reply) -> Reply + Send + Sync>;

#[derive(Default)]
struct State {
    shape: Shape,
    grants: Vec<Grant>,
    /// Codes that were not traded yet, each with its account.
    codes: BTreeMap<String, String>,
    records: BTreeMap<String, Vec<Value>>,
    asked: Vec<Asked>,
    instead: Vec<(String, Instead)>,
    dress: Vec<(String, Dress)>,
    held: Vec<(String, watch::Receiver<bool>, watch::Sender<usize>)>,
    slow: Vec<(String, Duration)>,
    made: usize,
}

impl State {
    fn renewals(&self) -> usize {
        let to_endpoint = self.asked.iter().filter(|asked| asked.path == "token");
        to_endpoint.filter(|asked| asked.is_renewal()).count()
    }

    fn new_word(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}-canary-{}", self.made)
    }
}

/// A hold of an endpoint's answers, until it is dropped.
pub struct Hold {
    release: watch::Sender<bool>,
    arrived: watch::Receiver<usize>,
}

impl Hold {
    /// Waits until the endpoint has done a request and holds its answer.
    pub async fn arrived(&mut self) {
        let waiting = self.arrived.wait_for(|number| *number > 0);
        tokio::time::timeout(std::time::Duration::from_secs(60), waiting)
            .await
            .expect("a request arrives")
            .unwrap();
    }

    pub fn release(self) {}
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.release.send_replace(true);
    }
}

/// The requests to token endpoints of all tenants that are under way, and the most that were at once.
#[derive(Default)]
pub(super) struct UnderWay {
    now: AtomicUsize,
    most: AtomicUsize,
}

pub struct Tenant {
    clock: Clock,
    under_way: Arc<UnderWay>,
    state: Mutex<State>,
}

impl Tenant {
    pub(super) fn new(clock: Clock, under_way: Arc<UnderWay>) -> Self {
        let tenant = Self {
            clock,
            under_way,
            state: Mutex::default(),
        };
        for kind in ["customers", "suppliers"] {
            tenant.holds_records(kind, &["1"]);
        }
        tenant
    }

    /// Changes the settings.
    pub fn shape(&self, change: impl FnOnce(&mut Shape)) {
        change(&mut self.state.lock().unwrap().shape);
    }

    /// Answers requests to a path (`token`, `revoke`, `me`, `v1/customers`, `v1/new-customers`) in the endpoint's place, without
    /// its effect. The newest that gives an answer counts.
    pub fn instead(
        &self,
        path: &str,
        answer: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static,
    ) {
        let steered = (path.to_owned(), Arc::new(answer) as Instead);
        self.state.lock().unwrap().instead.insert(0, steered);
    }

    /// Changes the honest answers of a path, in the order in which the changes were given.
    pub fn dress(
        &self,
        path: &str,
        change: impl Fn(&Asked, Reply) -> Reply + Send + Sync + 'static,
    ) {
        let steered = (path.to_owned(), Arc::new(change) as Dress);
        self.state.lock().unwrap().dress.push(steered);
    }

    /// Makes every endpoint honest again. Gives the number of renewals that were asked for before.
    pub fn unsteer(&self) -> usize {
        let mut state = self.state.lock().unwrap();
        state.instead.clear();
        state.dress.clear();
        state.renewals()
    }

    /// Holds the answers of a path back, after their effect.
    pub fn hold(&self, path: &str) -> Hold {
        let (release, held) = watch::channel(false);
        let (counts, arrived) = watch::channel(0);
        let mut state = self.state.lock().unwrap();
        state.held.push((path.to_owned(), held, counts));
        Hold { release, arrived }
    }

    /// Makes the answers of a path take this time.
    pub fn slow(&self, path: &str, time: Duration) {
        let slow = (path.to_owned(), time);
        self.state.lock().unwrap().slow.push(slow);
    }

    /// The most requests that were under way at the token endpoints of all tenants together.
    pub fn most_under_way(&self) -> usize {
        self.under_way.most.load(Ordering::SeqCst)
    }

    /// The records of a list: `customers` or `suppliers`.
    pub fn holds_records(&self, kind: &str, ids: &[&str]) {
        let records = ids.iter().map(|id| json!({ "id": id })).collect();
        self.state
            .lock()
            .unwrap()
            .records
            .insert(kind.to_owned(), records);
    }

    /// The requests that came to a path.
    pub fn asked(&self, path: &str) -> Vec<Asked> {
        let state = self.state.lock().unwrap();
        let to_path = state.asked.iter().filter(|asked| asked.path == path);
        to_path.cloned().collect()
    }

    /// The number of renewals that were asked for.
    pub fn renewals(&self) -> usize {
        self.state.lock().unwrap().renewals()
    }

    pub fn grants(&self) -> Vec<Grant> {
        self.state.lock().unwrap().grants.clone()
    }

    /// The accounts of the living grants.
    pub fn living(&self) -> Vec<String> {
        let grants = self.grants().into_iter();
        let living = grants.filter(|grant| grant.ended.is_none());
        living.map(|grant| grant.account).collect()
    }

    /// Makes every access token expire now.
    pub fn expire_tokens(&self) {
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap();
        for (_, until) in state.grants.iter_mut().flat_map(|grant| &mut grant.access) {
            *until = (*until).min(now);
        }
    }

    /// Ends every grant of an account, as its owner does at the platform.
    pub fn withdraw(&self, account: &str) {
        let mut state = self.state.lock().unwrap();
        for grant in state
            .grants
            .iter_mut()
            .filter(|grant| grant.account == account)
        {
            grant.ended.get_or_insert("withdrawn at the platform");
        }
    }

    /// The customer agrees at the authorization URL: the callback's address.
    pub fn consent(&self, authorization_url: &str, account: &str) -> String {
        let mut state = self.state.lock().unwrap();
        let code = state.new_word("code");
        state.codes.insert(code.clone(), account.to_owned());
        drop(state);
        self.send_back(authorization_url, &[("code", &code)])
    }

    /// The token answer that another system of the client got for an account.
    pub fn authorised_elsewhere(&self, account: &str) -> Value {
        let mut state = self.state.lock().unwrap();
        state.grants.push(Grant::of(account.to_owned()));
        let at = state.grants.len() - 1;
        self.issue(&mut state, at, false).value()
    }

    /// The answer to a renewal by that system.
    pub fn renewed_elsewhere(&self, tokens: &Value) -> Value {
        let mut state = self.state.lock().unwrap();
        let spent = tokens["refresh_token"].as_str().unwrap();
        let of_token = |grant: &Grant| grant.refresh.as_deref() == Some(spent);
        let at = state.grants.iter().position(of_token).unwrap();
        self.issue(&mut state, at, true).value()
    }

    /// The platform sends the customer back with these parameters: the callback's address.
    pub fn send_back(&self, authorization_url: &str, parameters: &[(&str, &str)]) -> String {
        let url = Url::parse(authorization_url).unwrap();
        let given: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let mut callback = Url::parse(&given["redirect_uri"]).unwrap();
        callback
            .query_pairs_mut()
            .extend_pairs(parameters)
            .append_pair("state", &given["state"]);
        callback.to_string()
    }

    pub(super) async fn answer(&self, asked: Asked) -> Reply {
        if asked.path != "token" {
            return self.answer_at_last(asked).await;
        }
        let now = self.under_way.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.under_way.most.fetch_max(now, Ordering::SeqCst);
        let reply = self.answer_at_last(asked).await;
        self.under_way.now.fetch_sub(1, Ordering::SeqCst);
        reply
    }

    async fn answer_at_last(&self, mut asked: Asked) -> Reply {
        let (reply, held, slow) = {
            let mut state = self.state.lock().unwrap();
            asked.account = account_of(&state, &asked);
            state.asked.push(asked.clone());
            let instead = state.instead.iter();
            let instead: Vec<Instead> = instead
                .filter(|(path, _)| *path == asked.path)
                .map(|(_, answer)| Arc::clone(answer))
                .collect();
            let reply = match instead.iter().find_map(|answer| answer(&asked)) {
                Some(reply) => reply,
                None => {
                    let honest = self.honest(&mut state, &asked);
                    let dress = state.dress.iter();
                    let dress = dress.filter(|(path, _)| *path == asked.path);
                    dress.fold(honest, |reply, (_, change)| change(&asked, reply))
                }
            };
            state.held.retain(|(_, held, _)| !*held.borrow());
            let held = state.held.iter().find(|(path, _, _)| *path == asked.path);
            let slow = state.slow.iter().find(|(path, _)| *path == asked.path);
            (
                reply,
                held.map(|(_, held, counts)| (held.clone(), counts.clone())),
                slow.map(|(_, time)| *time),
            )
        };
        if let Some(time) = slow {
            tokio::time::sleep(time).await;
        }
        if let Some((mut held, counts)) = held {
            counts.send_modify(|number| *number += 1);
            let _ = held.wait_for(|released| *released).await;
        }
        reply
    }

    fn honest(&self, state: &mut State, asked: &Asked) -> Reply {
        match (&asked.method, asked.path.as_str()) {
            (&Method::POST, "token") => self.token(state, asked),
            (&Method::POST, "revoke") => revoke(state, asked),
            (&Method::GET, "me") => match self.bearer(state, asked) {
                Some(account) => Reply::json(
                    200,
                    &json!({ "id": account, "name": format!("{account} Ltd") }),
                ),
                None => Reply::unauthorized(),
            },
            (method, path) if path.starts_with("v1/") => {
                if self.bearer(state, asked).is_none() {
                    return Reply::unauthorized();
                }
                match (method, &path[3..]) {
                    (&Method::GET, kind) if state.records.contains_key(kind) => {
                        Reply::json(200, &json!({ "items": state.records[kind] }))
                    }
                    (&Method::POST, "new-customers") => {
                        Reply::json(200, &json!({ "customer": { "id": "77" } }))
                    }
                    _ => Reply::refusal(404, "not_found"),
                }
            }
            _ => Reply::refusal(404, "not_found"),
        }
    }

    /// The account of a valid access token.
    fn bearer(&self, state: &State, asked: &Asked) -> Option<String> {
        let (token, now) = (asked.bearer()?, self.clock.now());
        let grant = state.grants.iter().find(|grant| {
            grant.ended.is_none()
                && grant
                    .access
                    .iter()
                    .any(|(access, until)| access == token && *until > now)
        });
        grant.map(|grant| grant.account.clone())
    }

    fn token(&self, state: &mut State, asked: &Asked) -> Reply {
        if !knows_client(&state.shape, asked) {
            return Reply::refusal(401, "invalid_client");
        }
        let at = if asked.is_exchange() {
            let code = asked.form.get("code").map_or("", String::as_str);
            let Some(account) = state.codes.remove(code) else {
                return Reply::refusal(400, "invalid_grant");
            };
            state.grants.push(Grant::of(account));
            state.grants.len() - 1
        } else {
            let given = asked.form.get("refresh_token").map_or("", String::as_str);
            let found = state.grants.iter().position(|grant| grant.knows(given));
            let Some(at) = found else {
                return Reply::refusal(400, "invalid_grant");
            };
            let reuse_ends = state.shape.reuse_ends_grant;
            let grant = &mut state.grants[at];
            if grant.ended.is_some() {
                return Reply::refusal(400, "invalid_grant");
            }
            if grant.refresh.as_deref() != Some(given) {
                if reuse_ends {
                    grant.ended = Some("a spent refresh token came again");
                }
                return Reply::refusal(400, "invalid_grant");
            }
            at
        };
        self.issue(state, at, asked.is_renewal())
    }

    fn issue(&self, state: &mut State, at: usize, is_renewal: bool) -> Reply {
        let shape = state.shape.clone();
        let access = state.new_word("at");
        let refresh = (shape.gives_refresh_tokens && (!is_renewal || shape.rotates))
            .then(|| state.new_word("rt"));
        let until = self.clock.now() + TimeDelta::seconds(shape.token_seconds);
        let grant = &mut state.grants[at];
        grant.access.push((access.clone(), until));
        if let Some(refresh) = &refresh {
            let before = grant.refresh.replace(refresh.clone());
            grant.spent.extend(before);
        }
        let mut answer = json!({
            "access_token": access, "token_type": "Bearer", "expires_in": shape.token_seconds, "scope": "read",
        });
        if let Some(refresh) = refresh {
            answer["refresh_token"] = json!(refresh);
        }
        Reply::json(200, &answer)
    }
}

/// The account that a request's token or code leads to.
fn account_of(state: &State, asked: &Asked) -> Option<String> {
    let form = |name: &str| asked.form.get(name).map(String::as_str);
    if let Some(account) = form("code").and_then(|code| state.codes.get(code)) {
        return Some(account.clone());
    }
    let token = form("refresh_token").or(form("token")).or(asked.bearer())?;
    let grant = state.grants.iter().find(|grant| grant.knows(token));
    grant.map(|grant| grant.account.clone())
}

/// By any of the ways in which clients prove themselves: raw and form-encoded Basic, parameters of the body.
fn knows_client(shape: &Shape, asked: &Asked) -> bool {
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let raw = format!("{CLIENT_ID}:{}", shape.client_secret);
    let encoded = format!("{CLIENT_ID}:{}", encode(&shape.client_secret));
    let by_header = asked
        .basic()
        .is_some_and(|given| given == raw || given == encoded);
    let given = |name: &str| asked.form.get(name).map(String::as_str);
    by_header
        || (given("client_id") == Some(CLIENT_ID)
            && given("client_secret") == Some(&shape.client_secret))
}

fn revoke(state: &mut State, asked: &Asked) -> Reply {
    if !knows_client(&state.shape, asked) {
        return Reply::refusal(401, "invalid_client");
    }
    let token = asked.form.get("token").map_or("", String::as_str);
    let reach = state.shape.reach;
    let spent_counts = state.shape.spent_tokens_revoke;
    let found = state.grants.iter().position(|grant| {
        grant.knows(token) && (spent_counts || !grant.spent.iter().any(|spent| spent == token))
    });
    let Some(at) = found else {
        return Reply::json(200, &json!({}));
    };
    let grant = &mut state.grants[at];
    if reach == Reach::Token && grant.access.iter().any(|(access, _)| access == token) {
        grant.access.retain(|(access, _)| access != token);
        return Reply::json(200, &json!({}));
    }
    let account = grant.account.clone();
    for (other, grant) in state.grants.iter_mut().enumerate() {
        if other == at || (reach == Reach::Account && grant.account == account) {
            grant.ended.get_or_insert("given back");
        }
    }
    Reply::json(200, &json!({}))
}

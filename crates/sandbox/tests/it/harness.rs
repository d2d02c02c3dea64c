//! A sandbox on a port of its own, with a clock that a test holds, and the actors who meet it.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use sandbox::{Client, Config, Product};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

pub(crate) const CALLBACK: &str = "http://client.example/callback";
pub(crate) const SECRET: &str = "a secret with: odd +signs%";

pub(crate) struct Sandbox {
    pub(crate) url: Url,
    clock: Arc<Mutex<DateTime<Utc>>>,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<std::io::Result<()>>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("{error} in {} {}", self.status, self.text());
        })
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> Url {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text());
        Url::parse(self.header(LOCATION.as_str())).unwrap()
    }
}

/// The value of a query parameter.
pub(crate) fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(held, _)| held == name)
        .map(|(_, value)| value.into_owned())
}

impl Sandbox {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::start_on(listener, change).await
    }

    pub(crate) async fn start_on(listener: TcpListener, change: impl FnOnce(&mut Config)) -> Self {
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let start: DateTime<Utc> = "2026-03-02T09:00:00Z".parse().unwrap();
        let clock = Arc::new(Mutex::new(start));
        let mut config = Config::new(url.clone());
        config.clients = Product::ALL
            .map(|product| Client {
                id: product.to_string(),
                secret: SECRET.into(),
                name: format!("Tester of {product}"),
                redirect_uris: vec![
                    Url::parse(CALLBACK).unwrap(),
                    Url::parse("http://client.example/other?fixed=1").unwrap(),
                ],
                product,
            })
            .into();
        let hand = clock.clone();
        config.clock = Arc::new(move || *hand.lock().unwrap());
        change(&mut config);
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(sandbox::serve(config, listener, async {
            let _ = stopped.await;
        }));
        Self {
            url,
            clock,
            stop: Some(stop),
            served,
        }
    }

    pub(crate) async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.served.await.unwrap().unwrap();
    }

    pub(crate) fn pass(&self, time: TimeDelta) {
        *self.clock.lock().unwrap() += time;
    }

    /// One request on a connection of its own; `Err` when the connection ends without an answer.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Answer, hyper::Error> {
        let authority = self.url.authority();
        let stream = TcpStream::connect(authority).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let (mut parts, body) = request.into_parts();
        parts.headers.insert("host", authority.parse().unwrap());
        let response = sender
            .send_request(Request::from_parts(parts, body))
            .await?;
        let (parts, body) = response.into_parts();
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await?.to_bytes(),
        })
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    /// The control API, or anything else that takes and gives JSON.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let request = request.body(Full::from(body)).unwrap();
        self.send(request).await.unwrap()
    }

    pub(crate) async fn arm(&self, fault: Value) {
        let answer = self
            .call(Method::POST, "/control/api/faults", Some(fault))
            .await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    }

    pub(crate) async fn calls(&self) -> Value {
        self.get("/control/api/calls").await.json()
    }

    pub(crate) async fn business(&self) -> String {
        let overview = self.get("/control/api").await.json();
        overview["businesses"][0]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn application(&self, product: Product) -> Application<'_> {
        Application {
            sandbox: self,
            product,
            id: product.to_string(),
            verifier: "a verifier of more than forty-three characters in all".into(),
        }
    }

    pub(crate) fn customer(&self) -> Customer<'_> {
        Customer {
            sandbox: self,
            cookie: Mutex::default(),
        }
    }
}

/// The client: requests authorization, collects tokens and calls the APIs.
pub(crate) struct Application<'a> {
    pub(crate) sandbox: &'a Sandbox,
    pub(crate) product: Product,
    pub(crate) id: String,
    pub(crate) verifier: String,
}

impl Application<'_> {
    pub(crate) fn scope(&self) -> String {
        format!("{} offline_access", self.product.scope())
    }

    /// Path and query of an authorization request, with `changes` made to a good one; an empty value removes a parameter.
    pub(crate) fn request(&self, changes: &[(&str, &str)]) -> String {
        let hash = ring::digest::digest(&ring::digest::SHA256, self.verifier.as_bytes());
        let mut parameters = vec![
            ("response_type", "code".to_owned()),
            ("client_id", self.id.clone()),
            ("redirect_uri", CALLBACK.into()),
            ("scope", self.scope()),
            ("state", "state of the tester".into()),
            ("code_challenge", URL_SAFE_NO_PAD.encode(hash)),
            ("code_challenge_method", "S256".into()),
        ];
        for (name, value) in changes {
            parameters.retain(|(held, _)| held != name);
            if !value.is_empty() {
                parameters.push((name, (*value).to_owned()));
            }
        }
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .finish();
        format!("/oauth/authorize?{query}")
    }

    pub(crate) fn basic(&self) -> String {
        let encode =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encode(&self.id), encode(SECRET));
        format!("Basic {}", STANDARD.encode(pair))
    }

    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.try_post(path, form).await.unwrap()
    }

    /// Sends a record to an API.
    pub(crate) async fn try_write(
        &self,
        access_token: &str,
        path: &str,
        key: &str,
        record: &Value,
    ) -> Result<Answer, hyper::Error> {
        let request = Request::post(path)
            .header(AUTHORIZATION, format!("Bearer {access_token}"))
            .header(CONTENT_TYPE, "application/json")
            .header("idempotency-key", key)
            .body(Full::from(record.to_string()))
            .unwrap();
        self.sandbox.send(request).await
    }

    pub(crate) async fn try_post(
        &self,
        path: &str,
        form: &[(&str, &str)],
    ) -> Result<Answer, hyper::Error> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = Request::post(path)
            .header(AUTHORIZATION, self.basic())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(body))
            .unwrap();
        self.sandbox.send(request).await
    }

    pub(crate) async fn exchange(&self, code: &str) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", &self.verifier),
        ];
        self.post("/oauth/token", &form).await
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Answer {
        self.post("/oauth/token", &refreshing(refresh_token)).await
    }

    /// Reads the product's API at `path` below its base.
    pub(crate) async fn read(&self, access_token: &str, path: &str) -> Answer {
        let request = Request::get(path)
            .header(AUTHORIZATION, format!("Bearer {access_token}"))
            .body(Full::default())
            .unwrap();
        self.sandbox.send(request).await.unwrap()
    }

    /// A code, by way of the control API's stand-in for a person.
    pub(crate) async fn code(&self, changes: &[(&str, &str)]) -> String {
        let location = self.answered(changes, json!({})).await;
        parameter(&location, "code").expect("a code")
    }

    pub(crate) async fn answered(&self, changes: &[(&str, &str)], extra: Value) -> Url {
        let mut body = json!({
            "authorization_url": self.sandbox.url.join(&self.request(changes)).unwrap(),
            "business": self.sandbox.business().await,
        });
        for (name, value) in extra.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = self
            .sandbox
            .call(Method::POST, "/control/api/answer", Some(body))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        Url::parse(answer.json()["redirect_to"].as_str().unwrap()).unwrap()
    }

    /// Access and refresh token of a new grant.
    pub(crate) async fn connected(&self) -> (String, String) {
        let answer = self.exchange(&self.code(&[]).await).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        tokens(&answer)
    }
}

pub(crate) fn refreshing(refresh_token: &str) -> [(&str, &str); 2] {
    [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
    ]
}

pub(crate) fn tokens(answer: &Answer) -> (String, String) {
    let body = answer.json();
    let token = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    (token("access_token"), token("refresh_token"))
}

/// The person, in a browser: keeps the cookie and fills in forms.
pub(crate) struct Customer<'a> {
    sandbox: &'a Sandbox,
    cookie: Mutex<Option<String>>,
}

impl Customer<'_> {
    pub(crate) fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    pub(crate) async fn open(&self, path: &str) -> Answer {
        self.send(Method::GET, path, String::new(), &[]).await
    }

    /// Sends a form with the hidden fields of `page` and these.
    pub(crate) async fn submit(&self, page: &Answer, to: &str, fields: &[(&str, &str)]) -> Answer {
        let page = page.text();
        let csrf = hidden(&page, "csrf");
        let request = hidden(&page, "request");
        let mut all = vec![("csrf", csrf.as_str()), ("request", request.as_str())];
        all.extend_from_slice(fields);
        self.submit_raw(to, &all, &[]).await
    }

    pub(crate) async fn submit_raw(
        &self,
        to: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.send(Method::POST, to, body, headers).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: String,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("accept", "text/html")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(cookie) = self.cookie() {
            request = request.header(COOKIE, cookie);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::from(body)).unwrap();
        let answer = self.sandbox.send(request).await.unwrap();
        if let Some(cookie) = answer.headers.get(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            *self.cookie.lock().unwrap() = Some(pair.to_owned());
        }
        answer
    }

    /// Opens an authorization request, signs in and arrives at the consent page.
    pub(crate) async fn at_consent(&self, request: &str) -> Answer {
        let sign_in = self.open(request).await;
        assert_eq!(sign_in.status, StatusCode::OK, "{}", sign_in.text());
        let person = [("person", "maya.okafor@practice.example")];
        let signed_in = self.submit(&sign_in, "/login", &person).await;
        assert_eq!(
            signed_in.status,
            StatusCode::SEE_OTHER,
            "{}",
            signed_in.text()
        );
        self.open(signed_in.header("location")).await
    }
}

/// The value of a hidden field, with the escapes of an attribute undone.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let Some((_, rest)) = page.split_once(&start) else {
        return String::new();
    };
    rest.split('"')
        .next()
        .unwrap_or_default()
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

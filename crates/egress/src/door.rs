//! One request out, one bounded answer back.

use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::fmt;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::address::is_public;
use crate::encoding::{TooLong, unpacked};
use crate::error::{EgressError, Obstacle};
use crate::identity::Identity;
use crate::resolver::{Resolver, SystemResolver};

/// Limits of a door, and the private hosts that it may reach.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Hosts that may be reached although their address is private, as `host` (any port) or `host:port`, compared
    /// exactly with the URL's host: the sandbox on one's own machine, a platform inside one's own network.
    pub allow_private: BTreeSet<String>,
    /// Resolving, connecting and the TLS handshake together.
    pub connect_timeout: Duration,
    /// The whole exchange, from resolving the name to the last byte of the body; a request may shorten it, never
    /// lengthen it.
    pub total_timeout: Duration,
    /// Longest body of an answer, in bytes; a longer one is an error.
    pub max_body: usize,
}

impl Policy {
    /// A way to the one host of an address that the operator has named, and which may be private. None if what is sent to it could be
    /// read on its way: the address is neither https nor of this machine.
    pub fn to_one_host(url: &Url) -> Option<Self> {
        let host = url.host_str()?;
        let is_own = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
        if url.scheme() != "https" && !is_own {
            return None;
        }
        let port = url.port_or_known_default().unwrap_or_default();
        Some(Self {
            allow_private: [format!("{host}:{port}")].into(),
            ..Self::default()
        })
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            allow_private: BTreeSet::new(),
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(60),
            max_body: 16 * 1024 * 1024,
        }
    }
}

/// A request that is ready to leave.
#[derive(Clone)]
pub struct Request {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Shortens the policy's total deadline for this request.
    pub timeout: Option<Duration>,
    /// True if the server may get it twice without harm, as of a safe method (RFC 9110 § 9.2.2). Such a request may use a connection
    /// that an earlier one left open, and is sent once more if that connection turns out to be closed. Any other is sent once, over a
    /// connection of its own: on an old one it could be lost with nobody knowing whether it had arrived.
    pub repeatable: bool,
}

impl Request {
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            repeatable: method.is_safe(),
            method,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            timeout: None,
        }
    }

    pub fn get(url: Url) -> Self {
        Self::new(Method::GET, url)
    }

    pub fn post(url: Url, body: impl Into<Bytes>) -> Self {
        Self {
            body: body.into(),
            ..Self::new(Method::POST, url)
        }
    }
}

/// Shows the method and the host; a path or query may hold a code, a header a token.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({} {})", self.method, host_of(&self.url))
    }
}

/// An answer with its whole body, whatever its status.
#[derive(Clone)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Shows the status and the length; a body may hold tokens.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({}, {} bytes)", self.status, self.body.len())
    }
}

/// Answers in place of the network: for a platform that is never reached, since it calls.
pub type Desk = dyn Fn(&Request) -> Result<Response, EgressError> + Send + Sync;

/// The only way out of the program. Cloning shares the connection pools.
#[derive(Clone)]
pub struct Door {
    policy: Arc<Policy>,
    /// With a desk, nothing leaves by this door.
    desk: Option<Arc<Desk>>,
    resolver: Arc<dyn Resolver>,
    /// Connects to public addresses only.
    vetted: Exit,
    /// Connects anywhere; used for nothing but the hosts of `allow_private`.
    private: Exit,
}

/// The two ways to one set of hosts.
#[derive(Clone)]
struct Exit {
    /// Keeps connections open for later requests.
    pooled: reqwest::Client,
    /// Makes a connection for each request.
    fresh: reqwest::Client,
}

impl Exit {
    /// The head of the answer. A server may close an idle connection at the very moment at which the next request is written to it.
    async fn send(&self, request: Request, host: &str) -> Result<reqwest::Response, EgressError> {
        if request.repeatable {
            match send_over(&self.pooled, request.clone(), host).await {
                Err(EgressError::Interrupted { .. }) => {}
                answer => return answer,
            }
        }
        send_over(&self.fresh, request, host).await
    }
}

async fn send_over(
    client: &reqwest::Client,
    request: Request,
    host: &str,
) -> Result<reqwest::Response, EgressError> {
    client
        .request(request.method, request.url)
        .headers(request.headers)
        .body(request.body)
        .send()
        .await
        .map_err(|error| classify(&error, host))
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl Door {
    pub fn new(policy: Policy) -> Self {
        Self::with_resolver(policy, Arc::new(SystemResolver))
    }

    /// Resolves names with `resolver`, once for each connection, and connects to the addresses that it returned.
    pub fn with_resolver(policy: Policy, resolver: Arc<dyn Resolver>) -> Self {
        Self::build(policy, resolver, tls_config())
    }

    /// A door of the same policy that presents this certificate to servers that request one (mutual TLS).
    pub fn with_identity(&self, identity: &Identity) -> Self {
        let tls = tls_builder().with_client_cert_resolver(identity.resolver());
        Self::build((*self.policy).clone(), self.resolver.clone(), tls)
    }

    fn build(policy: Policy, resolver: Arc<dyn Resolver>, tls: rustls::ClientConfig) -> Self {
        let client = || {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .no_proxy()
                .referer(false)
                .connect_timeout(policy.connect_timeout)
                .user_agent(concat!("moorline/", env!("CARGO_PKG_VERSION")))
        };
        let built = |public_only| {
            let names = Arc::new(Names {
                resolver: resolver.clone(),
                public_only,
            });
            let build = |client: reqwest::ClientBuilder| {
                client
                    .dns_resolver(names.clone())
                    .build()
                    .expect("the client's settings are fixed")
            };
            Exit {
                pooled: build(client()),
                fresh: build(client().pool_max_idle_per_host(0)),
            }
        };
        Self {
            vetted: built(true),
            private: built(false),
            desk: None,
            policy: Arc::new(policy),
            resolver,
        }
    }

    /// A door at which every request ends at this desk: nothing leaves by it.
    pub fn with_desk(&self, desk: Arc<Desk>) -> Self {
        Self {
            desk: Some(desk),
            ..self.clone()
        }
    }

    /// Checks that a request to this URL may be sent, as far as that can be decided without resolving its name.
    pub fn vet(&self, url: &Url) -> Result<(), EgressError> {
        self.exit_for(url).map(|_| ())
    }

    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Sends one request; at most twice if it is [repeatable](Request::repeatable), else once. Any status is an `Ok`; a redirect is an answer like any other and is not followed.
    pub async fn send(&self, request: Request) -> Result<Response, EgressError> {
        if let Some(desk) = &self.desk {
            return desk(&request);
        }
        let host = host_of(&request.url);
        let exit = self.exit_for(&request.url)?;
        let deadline = request
            .timeout
            .unwrap_or(self.policy.total_timeout)
            .min(self.policy.total_timeout);
        match tokio::time::timeout(deadline, self.round_trip(exit, request, &host)).await {
            Ok(answer) => answer,
            Err(_) => Err(EgressError::TimedOut { host }),
        }
    }

    /// Sends one request for the sake of its status. At most `keep` bytes of the answer's body are kept; the rest, and bytes
    /// that come more than a second after the head, are left unread, and a body that breaks off is not an error.
    pub async fn send_for_status(
        &self,
        request: Request,
        keep: usize,
    ) -> Result<Response, EgressError> {
        const BODY: Duration = Duration::from_secs(1);
        let host = host_of(&request.url);
        let exit = self.exit_for(&request.url)?;
        let limit = request
            .timeout
            .unwrap_or(self.policy.total_timeout)
            .min(self.policy.total_timeout);
        let deadline = tokio::time::Instant::now() + limit;
        let sent = exit.send(request, &host);
        let Ok(answer) = tokio::time::timeout_at(deadline, sent).await else {
            return Err(EgressError::TimedOut { host });
        };
        let mut response = answer?;
        let until = deadline.min(tokio::time::Instant::now() + BODY);
        let mut body = BytesMut::new();
        while body.len() < keep {
            match tokio::time::timeout_at(until, response.chunk()).await {
                Ok(Ok(Some(chunk))) => {
                    body.extend_from_slice(&chunk[..chunk.len().min(keep - body.len())]);
                }
                _ => break,
            }
        }
        Ok(Response {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body: body.freeze(),
        })
    }

    /// Vets a URL as far as possible before its name is resolved. The `url` crate has already turned every spelling of an IPv4
    /// literal (`2130706433`, `0x7f.1`) into an address; literals never reach a resolver, so this is their only check.
    fn exit_for(&self, url: &Url) -> Result<&Exit, EgressError> {
        let forbidden = |reason| EgressError::Forbidden {
            host: host_of(url),
            reason,
        };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(forbidden("only http and https URLs are allowed"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(forbidden(
                "its URL holds credentials, which belong into a header",
            ));
        }
        if self.is_allowed_private(url) {
            return Ok(&self.private);
        }
        let literal = match url.host() {
            None => return Err(forbidden("its URL has no host")),
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return Ok(&self.vetted),
        };
        if is_public(literal) {
            Ok(&self.vetted)
        } else {
            Err(forbidden("it is a private address"))
        }
    }

    /// True if the policy names this URL's host as one that may have a private address.
    pub fn is_allowed_private(&self, url: &Url) -> bool {
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return false;
        };
        let allowed = &self.policy.allow_private;
        allowed.contains(host) || allowed.contains(&format!("{host}:{port}"))
    }

    async fn round_trip(
        &self,
        exit: &Exit,
        request: Request,
        host: &str,
    ) -> Result<Response, EgressError> {
        let mut response = exit.send(request, host).await?;
        let limit = self.policy.max_body;
        let too_large = || EgressError::BodyTooLarge {
            host: host.to_owned(),
            limit,
        };
        let announced = response.content_length().unwrap_or(0);
        if announced > limit as u64 {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| classify(&error, host))?
        {
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let mut headers = std::mem::take(response.headers_mut());
        let body = unpacked(&mut headers, body.freeze(), limit).map_err(|TooLong| too_large())?;
        Ok(Response {
            status: response.status(),
            headers,
            body,
        })
    }
}

/// Resolves and vets the names of a client. Vetting here, just before the connection is made, means that the vetted address
/// is the one connected to: a name that changes its address between a check and the connection (DNS rebinding) gains nothing.
struct Names {
    resolver: Arc<dyn Resolver>,
    public_only: bool,
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = self.resolver.resolve(name.as_str().to_owned());
        let public_only = self.public_only;
        Box::pin(async move {
            let addresses = addresses.await.map_err(|_| NoAddress)?;
            // One private address spoils the answer: a name with private and public addresses is a mistake or an attack, and
            // using the public ones would hide it.
            if public_only && !addresses.iter().copied().all(is_public) {
                return Err(Box::new(PrivateAddress) as Box<dyn StdError + Send + Sync>);
            }
            // Port 0 stands for the port of the URL.
            let addresses = addresses.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the name leads to a private address")]
struct PrivateAddress;

#[derive(Debug, thiserror::Error)]
#[error("the name has no address")]
struct NoAddress;

/// The obstacle that kept a connection from coming about.
fn obstacle(error: &reqwest::Error) -> Obstacle {
    if caused_by::<NoAddress>(error) {
        return Obstacle::NoAddress;
    }
    if error.is_timeout() {
        return Obstacle::Silence;
    }
    let io = causes(error).find_map(|cause| cause.downcast_ref::<std::io::Error>());
    let io = io.map(innermost);
    // rustls' errors travel inside of those of input and output.
    let tls = io
        .and_then(std::io::Error::get_ref)
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match (tls, io.map(std::io::Error::kind)) {
        (Some(rustls::Error::InvalidMessage(_)), _) => Obstacle::NotTls,
        (Some(rustls::Error::InvalidCertificate(_)), _) => Obstacle::Certificate,
        (Some(_), _) => Obstacle::Handshake,
        (None, Some(ErrorKind::ConnectionRefused)) => Obstacle::ClosedPort,
        (None, Some(ErrorKind::TimedOut)) => Obstacle::Silence,
        _ => Obstacle::Network,
    }
}

/// An error of input and output may wrap another one.
fn innermost(error: &std::io::Error) -> &std::io::Error {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    inner.map_or(error, innermost)
}

fn classify(error: &reqwest::Error, host: &str) -> EgressError {
    let host = host.to_owned();
    if caused_by::<PrivateAddress>(error) {
        EgressError::Forbidden {
            host,
            reason: "its name leads to a private address",
        }
    } else if error.is_connect() {
        let why = obstacle(error);
        EgressError::Unreachable { host, why }
    } else if error.is_timeout() {
        EgressError::TimedOut { host }
    } else {
        EgressError::Interrupted { host }
    }
}

fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

fn caused_by<T: StdError + 'static>(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| cause.is::<T>())
}

fn host_of(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => "a URL without a host".to_owned(),
    }
}

fn tls_config() -> rustls::ClientConfig {
    tls_builder().with_no_client_auth()
}

/// Trusts the machine's certificate authorities, so that an operator's own one counts; if the machine has none
/// (a bare container), Mozilla's, compiled in.
fn tls_builder() -> rustls::ConfigBuilder<rustls::ClientConfig, rustls::client::WantsClientCert> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring speaks TLS 1.2 and 1.3")
        .with_root_certificates(roots)
}

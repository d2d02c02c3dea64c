//! Failures to bring back a whole answer.

/// Names the host at most: never a path, a query string, a header or a body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// The address is private, local or otherwise not on the public internet, or the URL is not plain http(s).
    /// Nothing was sent.
    #[error("the address of {host} may not be reached from here: {reason}")]
    Forbidden { host: String, reason: &'static str },
    /// No connection came about. Nothing was sent.
    #[error("could not connect to {host}: {why}")]
    Unreachable { host: String, why: Obstacle },
    /// The deadline of the whole exchange passed: the other side may or may not have acted.
    #[error("{host} did not answer in time")]
    TimedOut { host: String },
    /// The answer was longer than the policy allows.
    #[error("the answer of {host} is longer than {limit} bytes")]
    BodyTooLarge { host: String, limit: usize },
    /// The connection broke after the request may have been sent: the other side may or may not have acted.
    #[error("the connection to {host} broke")]
    Interrupted { host: String },
    /// Of a platform that calls: it has not answered yet.
    #[error("the answer is still awaited")]
    Awaited,
    /// Of a platform that calls: the call in which the question could be asked is over.
    #[error("the call that the question belongs to is over")]
    HungUp,
}

/// The reason for which no connection came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    #[error("its name has no address")]
    NoAddress,
    #[error("nothing listens at that port")]
    ClosedPort,
    #[error("it did not take the connection in time")]
    Silence,
    #[error("what it answered is not TLS; does its address begin with http:// instead?")]
    NotTls,
    #[error(
        "its certificate is not accepted; it may have ended, be of another name, or of an unknown authority"
    )]
    Certificate,
    #[error("it agreed to no TLS version or cipher, or refused our certificate")]
    Handshake,
    #[error("the way there is closed")]
    Network,
}

impl EgressError {
    /// True if the request certainly never reached the other side, so that repeating it cannot double its effect.
    pub fn nothing_was_sent(&self) -> bool {
        matches!(
            self,
            Self::Forbidden { .. } | Self::Unreachable { .. } | Self::Awaited | Self::HungUp
        )
    }
}

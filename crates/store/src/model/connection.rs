//! A connection's status, and the one function that may change it.

super::words! {
    pub enum ConnectionStatus {
        PendingAuth => "PendingAuth",
        Linked => "Linked",
        Unlinked => "Unlinked",
        Deauthorized => "Deauthorized",
    }
}

/// A change that a connection can undergo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The customer consented and tokens were received.
    Authorized,
    /// The customer or the client withdrew the consent.
    Unlinked,
    /// The platform no longer honours the grant: revoked there, expired, or lost in a crash.
    GrantLost,
}

/// A change that the status doesn't allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a connection that is {from} can't become so by {change:?}")]
pub struct NotAllowed {
    pub from: ConnectionStatus,
    pub change: Change,
}

/// The status machine. Consent can be withdrawn as soon as it was given, until it is withdrawn, so
/// `Deauthorized` can be unlinked too, beyond the contract.
pub fn transition(from: ConnectionStatus, change: Change) -> Result<ConnectionStatus, NotAllowed> {
    use ConnectionStatus::{Deauthorized, Linked, PendingAuth, Unlinked};
    match (change, from) {
        (Change::Authorized, PendingAuth | Linked | Unlinked | Deauthorized) => Ok(Linked),
        (Change::Unlinked, Linked | Deauthorized) => Ok(Unlinked),
        (Change::GrantLost, Linked) => Ok(Deauthorized),
        (Change::Unlinked, PendingAuth | Unlinked)
        | (Change::GrantLost, PendingAuth | Unlinked | Deauthorized) => {
            Err(NotAllowed { from, change })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_answers_every_change_as_the_contract_says() {
        use ConnectionStatus::{Deauthorized, Linked, PendingAuth, Unlinked};
        let table = [
            (PendingAuth, Change::Authorized, Some(Linked)),
            (PendingAuth, Change::Unlinked, None),
            (PendingAuth, Change::GrantLost, None),
            (Linked, Change::Authorized, Some(Linked)),
            (Linked, Change::Unlinked, Some(Unlinked)),
            (Linked, Change::GrantLost, Some(Deauthorized)),
            (Unlinked, Change::Authorized, Some(Linked)),
            (Unlinked, Change::Unlinked, None),
            (Unlinked, Change::GrantLost, None),
            (Deauthorized, Change::Authorized, Some(Linked)),
            (Deauthorized, Change::Unlinked, Some(Unlinked)),
            (Deauthorized, Change::GrantLost, None),
        ];
        for (from, change, to) in table {
            assert_eq!(transition(from, change).ok(), to, "{from} {change:?}");
        }
    }
}

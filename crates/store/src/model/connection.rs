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
pub enum Transition {
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
    pub change: Transition,
}

/// The status machine. Consent can be withdrawn as soon as it was given, until it is withdrawn, so
/// `Deauthorized` can be unlinked too, beyond the contract.
pub fn transition(
    from: ConnectionStatus,
    change: Transition,
) -> Result<ConnectionStatus, NotAllowed> {
    use ConnectionStatus::{Deauthorized, Linked, PendingAuth, Unlinked};
    match (change, from) {
        (Transition::Authorized, PendingAuth | Linked | Unlinked | Deauthorized) => Ok(Linked),
        (Transition::Unlinked, Linked | Deauthorized) => Ok(Unlinked),
        (Transition::GrantLost, Linked) => Ok(Deauthorized),
        (Transition::Unlinked, PendingAuth | Unlinked)
        | (Transition::GrantLost, PendingAuth | Unlinked | Deauthorized) => {
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
            (PendingAuth, Transition::Authorized, Some(Linked)),
            (PendingAuth, Transition::Unlinked, None),
            (PendingAuth, Transition::GrantLost, None),
            (Linked, Transition::Authorized, Some(Linked)),
            (Linked, Transition::Unlinked, Some(Unlinked)),
            (Linked, Transition::GrantLost, Some(Deauthorized)),
            (Unlinked, Transition::Authorized, Some(Linked)),
            (Unlinked, Transition::Unlinked, None),
            (Unlinked, Transition::GrantLost, None),
            (Deauthorized, Transition::Authorized, Some(Linked)),
            (Deauthorized, Transition::Unlinked, Some(Unlinked)),
            (Deauthorized, Transition::GrantLost, None),
        ];
        for (from, change, to) in table {
            assert_eq!(transition(from, change).ok(), to, "{from} {change:?}");
        }
    }
}

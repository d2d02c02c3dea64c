//! A connection's status, the one function that may change it, and the states of the grants behind it.

super::words! {
    pub enum ConnectionStatus {
        PendingAuth => "PendingAuth",
        Linked => "Linked",
        Unlinked => "Unlinked",
        Deauthorized => "Deauthorized",
    }
}

super::words! {
    /// The state of a grant: held, on its way back to the platform, or ended.
    pub enum GrantState {
        /// Received, and not in use yet: the platform is still asked whose it is, or the customer which business is meant.
        Pending => "pending",
        /// A connection uses it.
        InUse => "inUse",
        /// It is being given back; the platform hasn't taken it yet.
        GivingBack => "beingGivenBack",
        /// The platform said that it is over.
        GivenBack => "givenBack",
        /// The platform offers no way back from here.
        NotOffered => "cannotBeGivenBack",
        /// The platform did not take it back for as long as it made sense to ask.
        Refused => "refused",
        /// The platform no longer honoured it, or its tokens were lost.
        Lost => "lost",
        /// It was over by its own time.
        Expired => "expired",
        /// A newer grant of the same account stands in its place, and it can't be given back without ending that.
        Superseded => "superseded",
    }
}

super::words! {
    /// The way in which a grant came.
    pub enum GrantOrigin {
        /// By its customer, through this installation.
        Authorised => "authorised",
        /// Its tokens were brought by the client.
        Imported => "imported",
    }
}

super::words! {
    /// The reason for which a grant is given back.
    pub enum GrantReason {
        /// A newer grant took its place.
        Superseded => "superseded",
        /// Imported tokens took the place of imported tokens: they may be of the same grant.
        Replaced => "replaced",
        Disconnected => "disconnected",
        /// The connection was deleted, or its company.
        Deleted => "deleted",
        /// The link that brought it failed.
        LinkFailed => "linkFailed",
        /// No business was chosen, or another one.
        NotChosen => "notChosen",
        /// The process died before it was in use.
        Interrupted => "interrupted",
        /// Its tokens were renewed when it was no longer wanted.
        Unwanted => "unwanted",
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

//! Grants whose newest tokens stand in an answer to a renewal that could not be read when it came.

use connectors::{Integration, RevocationReach, TokenSet};

use super::super::holding::UNREAD;
use super::super::renewing::aged;
use super::super::sealing::open_unread;
use super::super::vault::VaultError;
use super::{Giving, LONGEST_PAUSE, Outcome};
use crate::app::App;
use crate::change::Change;
use crate::credentials::vault::openings::Purpose;
use store::StoreError;
use store::held::{self, Held};
use store::model::{Actor, GrantState};

/// The answer to a grant's last renewal, if it was kept, as it is understood now.
pub(super) enum Kept {
    /// There is none, or none that could hold newer tokens than those of the row.
    Nothing,
    Tokens(TokenSet),
    /// The newest tokens may stand in it.
    Unreadable,
}

pub(super) async fn kept_answer(
    app: &App,
    held: &Held,
    integration: &Integration,
) -> Result<Kept, VaultError> {
    let (Some(sealed), Some(at)) = (&held.unread_answer, held.unread_at) else {
        return Ok(Kept::Nothing);
    };
    let answer = open_unread(
        app,
        (held.client_id, held.connection_id),
        sealed,
        Purpose::Revocation,
    )
    .await?;
    Ok(match integration.read_again(&answer) {
        Ok(tokens) => Kept::Tokens(aged(tokens, at, app.clock.now())),
        Err(_) if answer.may_hold_refresh_token() => Kept::Unreadable,
        Err(_) => Kept::Nothing,
    })
}

/// Everything of a grant that can be read was given back; the rest is tried again when it can be.
pub(super) fn waits_for_its_answer() -> Outcome {
    Outcome::Waits {
        words: UNREAD.into(),
        pause: LONGEST_PAUSE,
    }
}

impl Giving<'_> {
    /// The outcome for a grant whose newest tokens stand in an answer that can't be read. That the platform takes back those before
    /// them proves nothing: it says so of tokens that it doesn't know, too (RFC 7009 § 2.2).
    pub(super) async fn but_for_its_answer(&self, outcome: Outcome) -> Result<Outcome, StoreError> {
        let Outcome::Ended(end, answer) = &outcome else {
            return Ok(outcome);
        };
        let whole = self.integration.revocation_reach() == RevocationReach::Account;
        let is_proven = match end {
            GrantState::GivenBack => whole && answer.status.is_some(),
            GrantState::Superseded => true,
            _ => false,
        };
        if is_proven {
            return Ok(outcome);
        }
        let mut change = Change::begin(self.app, Actor::Platform).await?;
        held::leave_unread(&mut change, self.held.id).await?;
        change.commit().await?;
        Ok(waits_for_its_answer())
    }
}

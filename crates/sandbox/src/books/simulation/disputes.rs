//! Card payments that a shopper's bank wants back, up to their end.

use chrono::Days;

use crate::books::shop::{Dispute, DisputeState, Tender};

use super::calendar::{DAY, day_of, opening_hours, working_day};
use super::{Event, Simulation, Stream};

impl Simulation {
    /// Plans a dispute of few charges, and of more in small shops, which would otherwise have none to show.
    pub(super) fn plan_dispute(&mut self, order: u32, web: bool, tender: Tender) {
        let mut dice = self.dice(Stream::Dispute, u64::from(order));
        let small = self.trade.shop.per_day_milli < 1000;
        let chance = match (small, web) {
            (true, _) => 900,
            (false, true) => 90,
            (false, false) => 8,
        };
        if tender != Tender::Cash && dice.chance(chance) {
            let day = day_of(self.now) + Days::new(dice.range(6, 24) as u64);
            self.at(opening_hours(day, &mut dice), Event::DisputeOpened(order));
        }
    }

    pub(super) fn open_dispute(&mut self, order: u32) {
        let mut dice = self.dice(Stream::Dispute, u64::from(order) ^ 0xd0_0000_0000);
        let record = &self.books.orders[order as usize];
        let charge = record.charges.iter().copied().find(|charge| {
            let charge = &self.books.charges[*charge as usize];
            !charge.declined && !charge.refund
        });
        let (0, Some(charge)) = (record.refunded, charge) else {
            return;
        };
        let reasons = [
            "Not received",
            "Not as described",
            "Not recognised by the cardholder",
            "Charged twice",
        ];
        let dispute = self.books.disputes.len() as u32;
        self.books.disputes.push(Dispute {
            charge,
            amount: self.books.charges[charge as usize].amount,
            reason: dice.pick::<&'static str>(&reasons),
            state: DisputeState::NeedsEvidence,
            opened: self.now,
            due: self.now + 14 * DAY,
            updated: self.now,
        });
        let day = working_day(self.today + Days::new(dice.range(2, 10) as u64));
        let moment = opening_hours(day, &mut dice);
        self.at(moment, Event::DisputeAnswered(dispute));
    }

    /// The shop sends its evidence, or gives in.
    pub(super) fn answer_dispute(&mut self, dispute: u32) {
        let mut dice = self.dice(Stream::Dispute, u64::from(dispute) ^ 0xa0_0000_0000);
        if self.books.disputes[dispute as usize].state != DisputeState::NeedsEvidence {
            return;
        }
        if dice.chance(1500) {
            self.end_dispute(dispute, DisputeState::Accepted);
            return;
        }
        let record = &mut self.books.disputes[dispute as usize];
        record.state = DisputeState::UnderReview;
        record.due = self.now + 45 * DAY;
        record.updated = self.now;
        let day = working_day(self.today + Days::new(dice.range(12, 40) as u64));
        let moment = opening_hours(day, &mut dice);
        self.at(moment, Event::DisputeDecided(dispute));
    }

    pub(super) fn decide_dispute(&mut self, dispute: u32) {
        let mut dice = self.dice(Stream::Dispute, u64::from(dispute) ^ 0xe0_0000_0000);
        if self.books.disputes[dispute as usize].state == DisputeState::UnderReview {
            let won = dice.chance(4500);
            let state = if won {
                DisputeState::Won
            } else {
                DisputeState::Lost
            };
            self.end_dispute(dispute, state);
        }
    }

    fn end_dispute(&mut self, dispute: u32, state: DisputeState) {
        let record = &mut self.books.disputes[dispute as usize];
        record.state = state;
        record.updated = self.now;
        let order = self.books.charges[record.charge as usize].order;
        if state != DisputeState::Won {
            self.give_back(order, true);
        }
    }

    /// A refund ends an open dispute.
    pub(super) fn settle_disputes_of(&mut self, order: u32) {
        let charges = &self.books.charges;
        for dispute in &mut self.books.disputes {
            let open = matches!(
                dispute.state,
                DisputeState::NeedsEvidence | DisputeState::UnderReview
            );
            if open && charges[dispute.charge as usize].order == order {
                dispute.state = DisputeState::Refunded;
                dispute.updated = self.now;
            }
        }
    }
}

//! The uploads that are under way: a few for each company at a time, so that what doesn't count yet takes bounded room, too.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use store::model::CompanyId;

/// Uploads of one company at a time, in each process.
pub const MOST_UNDER_WAY: usize = 3;

#[derive(Debug, Default)]
pub(crate) struct UnderWay(Arc<Mutex<HashMap<CompanyId, usize>>>);

/// An upload's place among them, until it is dropped.
pub(super) struct Place {
    company: CompanyId,
    all: Arc<Mutex<HashMap<CompanyId, usize>>>,
}

impl UnderWay {
    /// A place for an upload; None if all of its company are taken.
    pub(super) fn place(&self, company: CompanyId) -> Option<Place> {
        let mut all = self.0.lock();
        let number = all.entry(company).or_insert(0);
        if *number >= MOST_UNDER_WAY {
            return None;
        }
        *number += 1;
        let all = Arc::clone(&self.0);
        Some(Place { company, all })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        if let Some(number) = all.get_mut(&self.company) {
            *number -= 1;
            if *number == 0 {
                all.remove(&self.company);
            }
        }
    }
}

//! Requests a minute from one address, with or without a key: the guard before anything is looked up.
//!
//! Nodes share a minute as they share a day, in portions. A portion is small, because it isn't given back. An address whose minute
//! is used up costs the database nothing more.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

use super::ClientLimits;
use store::{StoreError, shares};

/// Portions of an address's minute: three idle nodes waste less than one in a hundred.
const PORTIONS: u32 = 400;
/// Addresses that are counted one by one in a minute; further ones are counted together.
const ADDRESSES: usize = 100_000;
/// The most addresses for which the database is asked at the same time.
const ASKING: u64 = 64;

#[derive(Debug)]
pub(super) struct Addresses {
    minute: Mutex<Minute>,
    /// Held by the one request of an address that asks the database; the others wait for what it brings. Several addresses share
    /// a lock.
    asking: [tokio::sync::Mutex<()>; ASKING as usize],
    hasher: RandomState,
}

impl Default for Addresses {
    fn default() -> Self {
        Self {
            minute: Mutex::default(),
            asking: std::array::from_fn(|_| tokio::sync::Mutex::default()),
            hasher: RandomState::new(),
        }
    }
}

#[derive(Debug, Default)]
struct Minute {
    /// Since 1970.
    number: i64,
    calls: HashMap<IpAddr, Calls>,
}

/// This node's portion of an address's minute.
#[derive(Clone, Copy, Debug, Default)]
struct Calls {
    left: u32,
    /// The database has no more this minute.
    dry: bool,
}

impl ClientLimits {
    /// Counts a call from an address. The time to wait if it was one too many.
    pub async fn call(&self, address: IpAddr) -> Option<TimeDelta> {
        let a_minute = self.caps.requests_per_minute_per_address;
        let (addresses, now) = (&self.addresses, self.clock.now());
        let number = now.timestamp().div_euclid(60);
        let address = addresses.minute.lock().key(number, network(address));
        let draw = || addresses.minute.lock().draw(number, address);
        let wait = |allowed: bool| (!allowed).then(|| rest_of(number, now));

        if let Some(allowed) = draw() {
            return wait(allowed);
        }
        if self.is_alone() {
            addresses
                .minute
                .lock()
                .give(number, address, a_minute, true);
            return draw().and_then(wait);
        }
        let _asking = addresses.asking(address).lock().await;
        if let Some(allowed) = draw() {
            return wait(allowed);
        }
        let portion = (a_minute / PORTIONS).max(1);
        match shares::take_calls(
            &self.db,
            &address.to_string(),
            number,
            portion.into(),
            a_minute.into(),
        )
        .await
        {
            Ok(taken) => {
                let taken = u32::try_from(taken).unwrap_or_default();
                let mut minute = addresses.minute.lock();
                minute.give(number, address, taken, taken < portion);
                drop(minute);
                draw().and_then(wait)
            }
            // The request itself will fail for the same cause, and report it.
            Err(error) => {
                tracing::warn!(%error, "requests of an address can't be counted");
                None
            }
        }
    }

    /// A chore: deletes minutes that are over.
    pub(crate) async fn forget_minutes(&self) -> Result<(), StoreError> {
        if self.is_alone() {
            return Ok(());
        }
        let mut tx = self.db.write().await?;
        // One more than is over: another node's clock may be a little behind.
        let minute = self.clock.now().timestamp().div_euclid(60) - 1;
        shares::sweep(&mut tx, minute).await?;
        tx.commit().await
    }
}

impl Addresses {
    fn asking(&self, address: IpAddr) -> &tokio::sync::Mutex<()> {
        let hash = usize::try_from(self.hasher.hash_one(address) % ASKING).unwrap_or_default();
        &self.asking[hash]
    }
}

impl Minute {
    /// The address under which a call is counted.
    fn key(&mut self, number: i64, address: IpAddr) -> IpAddr {
        if self.number < number {
            *self = Self {
                number,
                calls: HashMap::new(),
            };
        }
        if self.calls.len() < ADDRESSES || self.calls.contains_key(&address) {
            address
        } else {
            Ipv6Addr::UNSPECIFIED.into()
        }
    }

    /// Takes one of the calls that are left, and reports if there was one; None if the database has to be asked for more.
    fn draw(&mut self, number: i64, address: IpAddr) -> Option<bool> {
        if self.number != number {
            // A slow call: its minute is over.
            return Some(true);
        }
        let calls = self.calls.entry(address).or_default();
        if calls.left > 0 {
            calls.left -= 1;
            return Some(true);
        }
        calls.dry.then_some(false)
    }

    /// Adds calls; `all` means that the database has no more.
    fn give(&mut self, number: i64, address: IpAddr, taken: u32, all: bool) {
        if self.number == number {
            let calls = self.calls.entry(address).or_default();
            calls.left += taken;
            calls.dry |= all;
        }
    }
}

fn rest_of(number: i64, now: DateTime<Utc>) -> TimeDelta {
    TimeDelta::seconds((number + 1) * 60 - now.timestamp())
}

/// The address, or its /64 in IPv6: one customer of a network has all of that to call from.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_one_address() {
        let same = |one: &str, other: &str| {
            network(one.parse().unwrap()) == network(other.parse().unwrap())
        };
        assert!(same("192.0.2.1", "::ffff:192.0.2.1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
        assert!(same("2001:db8::1", "2001:db8::2"));
        assert!(!same("2001:db8::1", "2001:db8:0:1::1"));
    }

    #[test]
    fn what_is_left_is_drawn_until_there_is_no_more_and_a_new_minute_has_its_own() {
        let mut minute = Minute::default();
        let one = minute.key(10, "192.0.2.1".parse().unwrap());
        assert_eq!(minute.draw(10, one), None);
        minute.give(10, one, 2, false);
        assert_eq!(minute.draw(10, one), Some(true));
        assert_eq!(minute.draw(10, one), Some(true));
        assert_eq!(minute.draw(10, one), None);
        minute.give(10, one, 0, true);
        assert_eq!(minute.draw(10, one), Some(false));
        minute.key(11, one);
        minute.give(10, one, 2, false);
        assert_eq!(minute.draw(11, one), None, "nothing of the minute before");
    }

    #[test]
    fn addresses_beyond_number_are_counted_together() {
        let mut minute = Minute::default();
        for number in 0..u32::try_from(ADDRESSES).unwrap() {
            let address = IpAddr::V4(number.into());
            let key = minute.key(1, address);
            assert_eq!(key, address);
            minute.draw(1, key);
        }
        let known = IpAddr::V4(7.into());
        assert_eq!(minute.key(1, known), known);
        let stranger = minute.key(1, "198.51.100.1".parse().unwrap());
        assert_eq!(minute.key(1, "198.51.100.2".parse().unwrap()), stranger);
    }
}

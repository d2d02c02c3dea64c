//! How often an address may ask in a minute, whoever it is: the guard before anything is looked up.
//!
//! Nodes share a minute as they share a day, in portions. A portion is small, for a minute is not given back. An address whose
//! minute is used up costs the database nothing more.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};

use super::{held, is_alone};
use crate::app::App;
use store::{StoreError, shares};

/// Portions of an address's minute: three nodes that stand idle waste less than one in a hundred.
const PORTIONS: u32 = 400;
/// Addresses that are counted one by one in a minute; further ones are counted together.
const ADDRESSES: usize = 100_000;
/// Those of different addresses that ask the database at once, at the most.
const ASKING: u64 = 64;

#[derive(Debug)]
pub(super) struct Addresses {
    minute: Mutex<Minute>,
    /// One of an address asks the database, the others wait for what it brings. Several addresses share a lock.
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

/// What this node may still let an address have.
#[derive(Clone, Copy, Debug, Default)]
struct Calls {
    left: u32,
    /// There is no more to be had this minute.
    dry: bool,
}

/// Counts a call from an address; says how long to wait where it was one too many.
pub async fn call(app: &App, address: IpAddr) -> Option<TimeDelta> {
    let a_minute = app.config.limits.requests_per_minute_per_address;
    let (addresses, now) = (&app.limits.addresses, app.clock.now());
    let number = now.timestamp().div_euclid(60);
    let address = held(&addresses.minute).place(number, neighbourhood(address));
    let draw = || held(&addresses.minute).draw(number, address);
    let wait = |allowed: bool| (!allowed).then(|| rest_of(number, now));

    if let Some(allowed) = draw() {
        return wait(allowed);
    }
    if is_alone(app) {
        held(&addresses.minute).give(number, address, a_minute, true);
        return draw().and_then(wait);
    }
    let _turn = addresses.turn(address).lock().await;
    if let Some(allowed) = draw() {
        return wait(allowed);
    }
    let portion = (a_minute / PORTIONS).max(1);
    match shares::take_calls(
        &app.db,
        &address.to_string(),
        number,
        portion.into(),
        a_minute.into(),
    )
    .await
    {
        Ok(taken) => {
            let taken = u32::try_from(taken).unwrap_or_default();
            held(&addresses.minute).give(number, address, taken, taken < portion);
            draw().and_then(wait)
        }
        // What is asked for will fail by itself, and say so.
        Err(error) => {
            tracing::warn!(%error, "requests of an address can't be counted");
            None
        }
    }
}

/// A chore: forgets minutes that are over.
pub async fn forget_minutes(app: &App) -> Result<(), StoreError> {
    if is_alone(app) {
        return Ok(());
    }
    let mut tx = app.db.write().await?;
    // One more than is over: another node's clock may be a little behind.
    let minute = app.clock.now().timestamp().div_euclid(60) - 1;
    shares::sweep(&mut tx, minute).await?;
    tx.commit().await
}

impl Addresses {
    fn turn(&self, address: IpAddr) -> &tokio::sync::Mutex<()> {
        let hash = usize::try_from(self.hasher.hash_one(address) % ASKING).unwrap_or_default();
        &self.asking[hash]
    }
}

impl Minute {
    /// Under which address a call is counted.
    fn place(&mut self, number: i64, address: IpAddr) -> IpAddr {
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

    /// Takes one of the calls that are left: whether there was one, or None where more have to be asked for.
    fn draw(&mut self, number: i64, address: IpAddr) -> Option<bool> {
        if self.number != number {
            // A call that took its time: its minute is over.
            return Some(true);
        }
        let calls = self.calls.entry(address).or_default();
        if calls.left > 0 {
            calls.left -= 1;
            return Some(true);
        }
        calls.dry.then_some(false)
    }

    /// Adds what was asked for; `all`, where there is no more to be had.
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

/// One customer of an IPv6 network has a whole /64 to call from.
fn neighbourhood(address: IpAddr) -> IpAddr {
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
            neighbourhood(one.parse().unwrap()) == neighbourhood(other.parse().unwrap())
        };
        assert!(same("192.0.2.1", "::ffff:192.0.2.1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
        assert!(same("2001:db8::1", "2001:db8::2"));
        assert!(!same("2001:db8::1", "2001:db8:0:1::1"));
    }

    #[test]
    fn what_is_left_is_drawn_until_there_is_no_more_and_a_new_minute_has_its_own() {
        let mut minute = Minute::default();
        let one = minute.place(10, "192.0.2.1".parse().unwrap());
        assert_eq!(minute.draw(10, one), None);
        minute.give(10, one, 2, false);
        assert_eq!(minute.draw(10, one), Some(true));
        assert_eq!(minute.draw(10, one), Some(true));
        assert_eq!(minute.draw(10, one), None);
        minute.give(10, one, 0, true);
        assert_eq!(minute.draw(10, one), Some(false));
        minute.place(11, one);
        minute.give(10, one, 2, false);
        assert_eq!(minute.draw(11, one), None, "nothing of the minute before");
    }

    #[test]
    fn addresses_beyond_number_are_counted_together() {
        let mut minute = Minute::default();
        for number in 0..u32::try_from(ADDRESSES).unwrap() {
            let address = IpAddr::V4(number.into());
            let place = minute.place(1, address);
            assert_eq!(place, address);
            minute.draw(1, place);
        }
        let known = IpAddr::V4(7.into());
        assert_eq!(minute.place(1, known), known);
        let stranger = minute.place(1, "198.51.100.1".parse().unwrap());
        assert_eq!(minute.place(1, "198.51.100.2".parse().unwrap()), stranger);
    }
}

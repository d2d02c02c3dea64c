//! Ports of the stories' programs.
//!
//! They lie below those that systems hand out unasked (from 32768 on Linux, from 49152 elsewhere): a program that starts anew, or
//! a little after its port was chosen, finds it free still. Each process looks in a room of its own.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

const FIRST_ROOM: u16 = 12_000;
const ROOMS: u32 = 400;
const ROOM: u16 = 50;

/// Listens on a port of this process's on 127.0.0.1.
pub fn listen() -> TcpListener {
    static LOOKED: AtomicU16 = AtomicU16::new(0);
    let room = u16::try_from(std::process::id() % ROOMS).unwrap();
    (0..ROOM)
        .find_map(|_| {
            let place = LOOKED.fetch_add(1, Ordering::Relaxed) % ROOM;
            TcpListener::bind(("127.0.0.1", FIRST_ROOM + room * ROOM + place)).ok()
        })
        .expect("a free port")
}

/// A port that nothing listens on.
pub fn free() -> u16 {
    listen().local_addr().unwrap().port()
}

//! Ports of the stories' programs.
//!
//! They lie below those that systems hand out unasked (from 32768 on Linux, from 49152 elsewhere): a program that starts anew, or
//! a little after its port was chosen, finds it free still. Each process has a room of its own, whose first port it holds until its end.

use std::net::TcpListener;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

const FIRST_ROOM: u16 = 12_000;
const ROOMS: u16 = 400;
const ROOM: u16 = 50;

fn bind(port: u16) -> Option<TcpListener> {
    TcpListener::bind(("127.0.0.1", port)).ok()
}

/// The first port of this process's room.
fn room() -> u16 {
    static HELD: OnceLock<(u16, TcpListener)> = OnceLock::new();
    let (first, _) = HELD.get_or_init(|| {
        let begin = u16::try_from(std::process::id() % u32::from(ROOMS)).unwrap();
        (0..ROOMS)
            .map(|next| FIRST_ROOM + (begin + next) % ROOMS * ROOM)
            .find_map(|first| Some((first, bind(first)?)))
            .expect("a free room")
    });
    *first
}

/// Listens on a port of this process's on 127.0.0.1.
pub fn listen() -> TcpListener {
    static LOOKED: AtomicU16 = AtomicU16::new(0);
    (0..ROOM)
        .find_map(|_| {
            let place = LOOKED.fetch_add(1, Ordering::Relaxed) % (ROOM - 1);
            bind(room() + 1 + place)
        })
        .expect("a free port")
}

/// A port that nothing listens on.
pub fn free() -> u16 {
    listen().local_addr().unwrap().port()
}

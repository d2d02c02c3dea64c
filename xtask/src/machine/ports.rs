//! Free addresses for the demo's three sites.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};

use anyhow::{Result, bail};

/// A requested address, with the flag that changes its port.
pub(crate) struct Wanted {
    pub(crate) host: Ipv4Addr,
    /// 0 stands for any free port.
    pub(crate) port: u16,
    pub(crate) flag: &'static str,
}

/// The ports to use, in the same order; an error names the busy port and its flag.
pub(crate) fn choose(wanted: &[Wanted]) -> Result<Vec<u16>> {
    // All are held at once, so that two requests for the same address are caught as well.
    let mut held = Vec::new();
    for Wanted { host, port, flag } in wanted {
        match TcpListener::bind(SocketAddrV4::new(*host, *port)) {
            Ok(listener) => held.push(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {
                bail!(
                    "port {port} on {host} is in use already. Choose another one with `{flag} PORT`."
                )
            }
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                bail!(
                    "port {port} on {host} needs more rights. Choose one above 1023 with `{flag} PORT`."
                )
            }
            Err(error) => bail!("port {port} on {host} cannot be used: {error}"),
        }
    }
    held.iter()
        .map(|listener| Ok(listener.local_addr()?.port()))
        .collect()
}

/// True if this machine answers on an address of the loopback range other than 127.0.0.1 (Linux does, macOS does not).
pub(crate) fn has_second_loopback() -> bool {
    TcpListener::bind(SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, 2), 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: Ipv4Addr = Ipv4Addr::LOCALHOST;

    #[test]
    fn a_busy_port_is_named_together_with_its_flag() {
        let taken = TcpListener::bind((HOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = choose(&[Wanted {
            host: HOST,
            port,
            flag: "--lender-port",
        }])
        .unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains(&port.to_string()) && text.contains("--lender-port"),
            "{text}"
        );
    }

    #[test]
    fn two_sites_cannot_share_one_address() {
        let free = TcpListener::bind((HOST, 0))
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let error = choose(&[
            Wanted {
                host: HOST,
                port: free,
                flag: "--platform-port",
            },
            Wanted {
                host: HOST,
                port: free,
                flag: "--sandbox-port",
            },
        ])
        .unwrap_err();
        assert!(error.to_string().contains("--sandbox-port"));
    }

    #[test]
    fn port_zero_becomes_a_free_one() {
        let ports = choose(&[
            Wanted {
                host: HOST,
                port: 0,
                flag: "--platform-port",
            },
            Wanted {
                host: HOST,
                port: 0,
                flag: "--sandbox-port",
            },
        ])
        .unwrap();
        assert!(ports[0] != 0 && ports[1] != 0 && ports[0] != ports[1]);
    }
}

//! The addresses that are on the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// True for globally reachable unicast addresses by the IANA special-purpose registries (RFC 6890 and its updates).
///
/// IPv4-mapped addresses and the well-known NAT64 prefix (RFC 6052) are judged by the IPv4 address they carry, because
/// the packets go there. 6to4, Teredo and local-use NAT64 are refused: no platform uses them, and each can
/// carry a private address.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127, _, _)           // this network, private use, loopback
            | (100, 64..=127, _)       // shared address space, RFC 6598
            | (169, 254, _)            // link-local, where clouds keep their metadata
            | (172, 16..=31, _)        // private use
            | (192, 0, 0 | 2)          // protocol assignments, documentation
            | (192, 31, 196)           // AS112
            | (192, 52, 193)           // AMT
            | (192, 88, 99)            // deprecated 6to4 relays
            | (192, 168, _)            // private use
            | (192, 175, 48)           // AS112
            | (198, 18 | 19, _)        // benchmarking
            | (198, 51, 100)           // documentation
            | (203, 0, 113)            // documentation
            | (224..=255, _, _) // multicast, reserved, broadcast
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(v4) = address.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    let [a, b, c, d, e, f, g, h] = address.segments();
    if (a, b, c, d, e, f) == (0x64, 0xff9b, 0, 0, 0, 0) {
        let [w, x] = g.to_be_bytes();
        let [y, z] = h.to_be_bytes();
        return is_public_v4(Ipv4Addr::new(w, x, y, z));
    }
    let global_unicast = a & 0xe000 == 0x2000;
    let special = matches!(
        (a, b, c),
        (0x2001, ..0x200, _)          // protocol assignments: Teredo, ORCHID, benchmarking
            | (0x2001, 0xdb8, _)      // documentation
            | (0x2002, _, _)          // 6to4
            | (0x2620, 0x4f, 0x8000)  // AS112
            | (0x3fff, ..0x1000, _) // documentation
    );
    global_unicast && !special
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn private_local_and_special_addresses_are_not_public() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.254",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:c0a8:101::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456:789a::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn addresses_of_the_public_internet_are_public() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.0.1.1",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.1",
            "223.255.255.254",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2001:4860:4860::8888",
            "2606:4700:4700::1111",
            "2a00:1450:4009:80b::200e",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }
}

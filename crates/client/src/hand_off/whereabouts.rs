// SPDX-License-Identifier: Apache-2.0
//! Where an address is: on the internet, in a network of somebody's own, on this computer.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Where an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// Everybody can reach it.
    Internet,
    /// In a network that isn't everybody's: a home's, a company's, a provider's.
    PrivateNetwork,
    /// This computer.
    ThisComputer,
    /// No computer's own address: for groups, for documentation, reserved, not assigned.
    Special,
}

impl fmt::Display for Whereabouts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Internet => "on the internet",
            Self::PrivateNetwork => "in a private network",
            Self::ThisComputer => "this computer itself",
            Self::Special => "no computer's own",
        })
    }
}

impl Whereabouts {
    /// Where an address is. Sources: IANA's registries of special-purpose addresses for IPv4 and
    /// IPv6 (RFC 6890 and what has been added since).
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        match address.octets() {
            // "This host": systems connect to themselves.
            [0, 0, 0, 0] | [127, ..] => Self::ThisComputer,
            // Private, shared with a provider (RFC 6598), link-local.
            [10, ..]
            | [172, 16..=31, ..]
            | [192, 168, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..] => Self::PrivateNetwork,
            // Nobody's, protocols, documentation, relays of 6to4, benchmarks, multicast and
            // reserved.
            [0, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
            | [224..=255, ..] => Self::Special,
            _ => Self::Internet,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        let embedded = |high: u16, low: u16| {
            Self::of_v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
        };
        match address.segments() {
            [0, 0, 0, 0, 0, 0, 0, 0 | 1] => Self::ThisComputer,
            // IPv4 in other clothes: mapped, compatible, translated (RFC 6052), 6to4.
            [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
            | [0, 0, 0, 0, 0xffff, 0, high, low]
            | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
            | [0x2002, high, low, ..] => embedded(high, low),
            // Unique-local, link-local, site-local, translated within a network (RFC 8215).
            [0xfc00..=0xfdff | 0xfe80..=0xfeff, ..] | [0x64, 0xff9b, 1, ..] => Self::PrivateNetwork,
            // Protocols (Teredo among them), documentation.
            [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] => Self::Special,
            // What is assigned for global unicast.
            [0x2000..=0x3fff, ..] => Self::Internet,
            _ => Self::Special,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use Whereabouts::{Internet, PrivateNetwork, Special, ThisComputer};

    /// One address or more of each kind, and those beside the ends of ranges.
    pub(in super::super) const PLACES: &[(&str, Whereabouts)] = &[
        ("1.1.1.1", Internet),
        ("100.63.255.255", Internet),
        ("172.15.0.1", Internet),
        ("172.32.0.1", Internet),
        ("192.0.1.1", Internet),
        ("223.255.255.255", Internet),
        ("0.0.0.0", ThisComputer),
        ("127.0.0.1", ThisComputer),
        ("127.255.0.9", ThisComputer),
        ("10.0.0.1", PrivateNetwork),
        ("100.64.0.1", PrivateNetwork),
        ("169.254.169.254", PrivateNetwork),
        ("172.16.0.1", PrivateNetwork),
        ("172.31.255.255", PrivateNetwork),
        ("192.168.1.1", PrivateNetwork),
        ("192.0.0.8", Special),
        ("192.0.2.1", Special),
        ("192.88.99.1", Special),
        ("198.18.0.1", Special),
        ("198.51.100.1", Special),
        ("203.0.113.1", Special),
        ("224.0.0.1", Special),
        ("255.255.255.255", Special),
        ("2606:4700::1111", Internet),
        ("2001:200::1", Internet),
        ("2a00::1", Internet),
        ("::", ThisComputer),
        ("::1", ThisComputer),
        ("::ffff:127.0.0.1", ThisComputer),
        ("::ffff:0.0.0.0", ThisComputer),
        ("::127.0.0.1", ThisComputer),
        ("64:ff9b::7f00:1", ThisComputer),
        ("2002:7f00:1::", ThisComputer),
        ("::ffff:10.0.0.1", PrivateNetwork),
        ("::ffff:169.254.169.254", PrivateNetwork),
        ("64:ff9b::a00:1", PrivateNetwork),
        ("64:ff9b:1::1", PrivateNetwork),
        ("2002:c0a8:101::1", PrivateNetwork),
        ("fc00::1", PrivateNetwork),
        ("fd12:3456::1", PrivateNetwork),
        ("fe80::1", PrivateNetwork),
        ("febf::1", PrivateNetwork),
        ("fec0::1", PrivateNetwork),
        ("::ffff:1.1.1.1", Internet),
        ("64:ff9b::101:101", Internet),
        ("2002:101:101::1", Internet),
        ("::ffff:224.0.0.1", Special),
        ("100::1", Special),
        ("2001::1", Special),
        ("2001:1ff::1", Special),
        ("2001:db8::1", Special),
        ("3fff:fff::1", Special),
        ("4000::1", Special),
        ("5f00::1", Special),
        ("ff02::1", Special),
    ];

    #[test]
    fn every_kind_of_address_is_told_apart() {
        for (text, place) in PLACES {
            assert_eq!(Whereabouts::of(text.parse().unwrap()), *place, "{text}");
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
//! Which endpoints a wallet contacts. An endpoint is an expert's text on chain, so a stranger's:
//! it must not lead a wallet into the network that it stands in, nor onto its own computer, nor
//! show on the way who talks to whom. See [`Endpoint::require_allowed`].

use super::{HandOffError, Whereabouts};
use crate::socket::Target;
use std::net::{IpAddr, SocketAddr};

/// An endpoint with the addresses that it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    text: String,
    target: Target,
}

/// Which endpoints may be contacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Encrypted ones on the internet, and those that are where the wallet's own node is.
    Beside(Whereabouts),
    /// All: the user has said so.
    All,
}

impl Endpoint {
    /// Finds out where an endpoint leads. Nobody is contacted but who resolves names.
    ///
    /// # Errors
    ///
    /// [`HandOffError::Unreachable`].
    pub async fn look_up(text: &str) -> Result<Self, HandOffError> {
        let unreachable = |reason| HandOffError::Unreachable { url: text.to_owned(), reason };
        let target = Target::look_up(text).await.map_err(unreachable)?;
        Ok(Self { text: text.to_owned(), target })
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// The addresses that it leads to.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.target.addresses().iter().map(SocketAddr::ip)
    }

    /// Whether what goes there is encrypted on the way, by TLS.
    pub fn is_encrypted(&self) -> bool {
        self.target.is_encrypted()
    }

    /// Where all its addresses are. With addresses at different places it's taken for one on the
    /// internet, beside which least is allowed.
    pub fn whereabouts(&self) -> Whereabouts {
        let mut all = self.addresses().map(Whereabouts::of);
        match all.next() {
            Some(first) if all.all(|other| other == first) => first,
            _ => Whereabouts::Internet,
        }
    }

    /// The rule. A stranger's endpoint may be on the internet; elsewhere only where the wallet's
    /// own node is too, as on a development chain on one computer. What leaves the computer has to
    /// be encrypted: the record is anyway, but not who sends it to whom. One address that breaks
    /// the rule is enough to refuse them all.
    ///
    /// # Errors
    ///
    /// [`HandOffError::Elsewhere`], [`HandOffError::Plain`].
    pub fn require_allowed(&self, allowed: Allowed) -> Result<(), HandOffError> {
        let Allowed::Beside(own) = allowed else {
            return Ok(());
        };
        let url = || self.text.clone();
        for address in self.addresses() {
            let place = Whereabouts::of(address);
            let is_beside = place == own && place != Whereabouts::Special;
            if place != Whereabouts::Internet && !is_beside {
                return Err(HandOffError::Elsewhere { url: url(), address, place });
            }
            if !self.is_encrypted() && place != Whereabouts::ThisComputer {
                return Err(HandOffError::Plain { url: url() });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::whereabouts::tests::PLACES, *};
    use Whereabouts::{Internet, PrivateNetwork, Special, ThisComputer};

    fn endpoint(scheme: &str, addresses: &[&str]) -> Endpoint {
        let text = format!("{scheme}://expert.example:443");
        let addresses =
            addresses.iter().map(|one| SocketAddr::new(one.parse().unwrap(), 443)).collect();
        let target = Target::new(text.parse().unwrap(), addresses);
        Endpoint { text, target }
    }

    #[test]
    fn on_the_internet_an_endpoint_has_to_be_encrypted() {
        for own in [Internet, PrivateNetwork, ThisComputer, Special] {
            let allowed = Allowed::Beside(own);
            assert_eq!(endpoint("wss", &["1.1.1.1", "2a00::1"]).require_allowed(allowed), Ok(()));
            let plain = endpoint("ws", &["1.1.1.1"]).require_allowed(allowed).unwrap_err();
            assert!(matches!(plain, HandOffError::Plain { .. }), "{plain}");
        }
    }

    #[test]
    fn elsewhere_an_endpoint_is_refused_unless_the_own_node_is_there_too() {
        for (text, place) in PLACES.iter().filter(|(_, place)| *place != Internet) {
            let address = text.parse().unwrap();
            for own in [Internet, PrivateNetwork, ThisComputer, Special] {
                // One bad address behind a good one is enough.
                let found = endpoint("wss", &["1.1.1.1", text]);
                let elsewhere = HandOffError::Elsewhere {
                    url: "wss://expert.example:443".into(),
                    address,
                    place: *place,
                };
                let wanted = match *place == own && own != Special {
                    true => Ok(()),
                    false => Err(elsewhere),
                };
                let refused = found.require_allowed(Allowed::Beside(own));
                assert_eq!(refused, wanted, "{text} beside {own:?}");
            }
        }
    }

    #[test]
    fn without_encryption_nothing_leaves_the_computer() {
        let on_this_computer = endpoint("ws", &["127.0.0.1"]);
        assert_eq!(on_this_computer.require_allowed(Allowed::Beside(ThisComputer)), Ok(()));
        let next_door = endpoint("ws", &["192.168.1.1"]);
        let refused = next_door.require_allowed(Allowed::Beside(PrivateNetwork));
        assert!(matches!(refused, Err(HandOffError::Plain { .. })), "{refused:?}");
    }

    #[test]
    fn whoever_says_so_contacts_all_of_them() {
        for (text, _) in PLACES {
            assert_eq!(endpoint("ws", &[text]).require_allowed(Allowed::All), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_node_at_several_places_is_taken_for_one_on_the_internet() {
        assert_eq!(endpoint("ws", &["127.0.0.1", "::1"]).whereabouts(), ThisComputer);
        assert_eq!(endpoint("ws", &["127.0.0.1", "10.0.0.1"]).whereabouts(), Internet);
        assert_eq!(endpoint("ws", &[]).whereabouts(), Internet);
    }

    #[test]
    fn errors_name_endpoint_and_address() {
        let refused = endpoint("wss", &["192.168.1.1"]).require_allowed(Allowed::Beside(Internet));
        let said = refused.unwrap_err().to_string();
        for words in ["wss://expert.example:443", "192.168.1.1", "private network"] {
            assert!(said.contains(words), "{said}");
        }
    }

    #[tokio::test]
    async fn addresses_are_found_however_they_are_written() {
        for text in [
            "ws://127.0.0.1:1",
            "ws://2130706433",
            "ws://0x7f.1",
            "ws://localhost:9944/path",
            "ws://user:password@127.0.0.1",
            r"ws://127.0.0.1\@expert.example",
            "wss://[::1]:9944",
            "wss://[::ffff:127.0.0.1]",
        ] {
            let found = Endpoint::look_up(text).await.unwrap();
            assert_eq!(found.whereabouts(), ThisComputer, "{text}");
            let refused = found.require_allowed(Allowed::Beside(Internet));
            assert!(matches!(refused, Err(HandOffError::Elsewhere { .. })), "{text}");
        }
        for text in ["http://127.0.0.1", "127.0.0.1", "ws://", "ws://127.0.0.1:99999", ""] {
            let error = Endpoint::look_up(text).await.unwrap_err();
            assert!(matches!(error, HandOffError::Unreachable { .. }), "{text}: {error}");
        }
    }
}

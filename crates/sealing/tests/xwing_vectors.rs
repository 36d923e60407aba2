// SPDX-License-Identifier: Apache-2.0

//! Known answers: the vectors of the X-Wing draft, through this crate's keys and through the HPKE
//! implementation that it relies on.

use core::convert::Infallible;

use cso_sealing::{PublicKey, SealingKey};
use hpke::{
    aead::ChaCha20Poly1305,
    kdf::HkdfSha256,
    kem::XWing,
    rand_core::{TryCryptoRng, TryRng},
    setup_sender_with_rng, Deserializable, Kem, OpModeS, Serializable,
};

/// Gives out given coins, once.
struct Coins(Vec<u8>);

impl TryRng for Coins {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("X-Wing asks for bytes")
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("X-Wing asks for bytes")
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.copy_from_slice(&self.0.split_off(self.0.len() - bytes.len()));
        Ok(())
    }
}

impl TryCryptoRng for Coins {}

struct Vector {
    seed: [u8; 32],
    public: Vec<u8>,
    coins: Vec<u8>,
    ciphertext: Vec<u8>,
}

fn vectors() -> Vec<Vector> {
    let lines: Vec<Vec<u8>> = include_str!("data/xwing-draft.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| hex::decode(line).unwrap())
        .collect();
    let vectors: Vec<_> = lines
        .chunks_exact(4)
        .map(|fields| Vector {
            seed: fields[0].clone().try_into().unwrap(),
            public: fields[1].clone(),
            coins: fields[2].clone(),
            ciphertext: fields[3].clone(),
        })
        .collect();
    assert_eq!(vectors.len(), 3);
    vectors
}

#[test]
fn seed_gives_the_public_key_of_the_draft() {
    for vector in vectors() {
        let key = SealingKey::from_seed(vector.seed);
        assert_eq!(key.public().as_bytes().0[..], vector.public);
        assert_eq!(PublicKey::from_bytes(&vector.public), Ok(key.public()));
    }
}

#[test]
fn encapsulation_is_the_ciphertext_of_the_draft() {
    for vector in vectors() {
        let public = <XWing as Kem>::PublicKey::from_bytes(&vector.public).unwrap();
        let (encapsulation, _) = setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeS::Base,
            &public,
            b"",
            &mut Coins(vector.coins),
        )
        .unwrap();
        assert_eq!(encapsulation.to_bytes()[..], vector.ciphertext);
    }
}

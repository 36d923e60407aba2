// SPDX-License-Identifier: Apache-2.0

//! The keys that workers sign with: sr25519 keys of a type of their own in the node's keystore, so
//! that no other part of the node can sign with them and the off-chain worker can't sign with any
//! other.

use frame_system::offchain::AppCrypto;
use sp_core::{crypto::KeyTypeId, sr25519};
use sp_runtime::{MultiSignature, MultiSigner};

/// The type of worker keys in the keystore.
pub const KEY_TYPE: KeyTypeId = KeyTypeId(cso_primitives::WORKER_KEY_TYPE);

mod app {
    use sp_application_crypto::{app_crypto, sr25519};
    app_crypto!(sr25519, super::KEY_TYPE);
}

/// The public half of a worker key.
pub type WorkerPublic = app::Public;

/// Worker keys for runtimes whose accounts and signatures are [`MultiSigner`] and
/// [`MultiSignature`].
pub struct WorkerKey;

impl AppCrypto<MultiSigner, MultiSignature> for WorkerKey {
    type RuntimeAppPublic = app::Public;
    type GenericPublic = sr25519::Public;
    type GenericSignature = sr25519::Signature;
}

// SPDX-License-Identifier: Apache-2.0
//! What patients, experts and the medical board do, as a library.
//!
//! Everything that moves money or holds keys is here: the steps of a consultation as
//! [typed states](consultation), the [wallet](vault), the [chain] and the [hand-off](hand_off) of
//! records, keys and amounts. What goes beyond memory goes through a trait ([`Chain`],
//! [`HandOff`], [`Storage`], [`Clock`]), so that tests can make each of them fail at any point, and
//! a browser can bring its own.
//!
//! Nothing here prints, asks, or parses a command line: that is `cso-wallet`'s. Errors say what is
//! wrong; which command helps is said there.
//!
//! | module | what |
//! |---|---|
//! | [`consultation`] | the patient's steps, from the intake to the last trace |
//! | [`expert`], [`board`], [`directory`] | what experts and the board do; who can be asked |
//! | [`vault`] | the wallet: accounts and dossiers under a passphrase |
//! | [`recovery`] | money in accounts that no wallet knows any more |
//! | [`chain`] | the chain: a trait, and a node over JSON-RPC |
//! | [`hand_off`] | the pools of experts' nodes |
//! | [`keys`], [`polkadot_js`], [`secret`] | account keys, their exchange format, secrets in memory |
//! | [`address`], [`amount`] | values as texts |
//! | [`progress`], [`clock`], [`today`] | what callers are told, time, and what day it is |
//!
//! With the feature `native` (default) come WebSockets, files and the computer's clock; without it
//! the rest compiles for `wasm32-unknown-unknown`.

#![forbid(unsafe_code)]

pub mod address;
pub mod amount;
pub mod board;
pub mod chain;
pub mod clock;
pub mod consultation;
mod digits;
pub mod directory;
pub mod expert;
pub mod hand_off;
mod hash;
pub mod keys;
pub mod polkadot_js;
mod profile;
pub mod progress;
pub mod recovery;
pub mod secret;
#[cfg(feature = "native")]
mod socket;
pub mod today;
pub mod vault;

pub use address::AccountId;
pub use amount::Amount;
pub use chain::Chain;
pub use clock::Clock;
pub use hand_off::HandOff;
pub use keys::Pair;
pub use progress::{Progress, Step};
pub use vault::{Storage, Vault};

/// The README's example runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

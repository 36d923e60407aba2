// SPDX-License-Identifier: Apache-2.0
//! What is decoded from the chain but not passed on as it is.

use subxt::ext::scale_decode::DecodeAsType;

/// `System.Account`.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub(super) struct AccountInfo {
    pub(super) nonce: u64,
    pub(super) data: AccountData,
}

/// The balances pallet's part of it.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub(super) struct AccountData {
    pub(super) free: u128,
    pub(super) reserved: u128,
}

/// Event `Consultations.Requested`.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub(super) struct Requested {
    /// The number it got.
    pub(super) id: u64,
}

/// Event `Experts.ProtocolPublished`.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub(super) struct ProtocolPublished {
    /// The number it got.
    pub(super) protocol: u32,
}

/// Event `Experts.Slashed`.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub(super) struct Slashed {
    /// What was taken.
    pub(super) amount: u128,
}

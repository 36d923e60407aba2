// SPDX-License-Identifier: Apache-2.0

//! What the expert's off-chain worker needs from the runtime: signed transactions, and the way to
//! the node's native evaluator.
//!
//! The worker itself is `pallet_consultations::offchain`. It runs on every node, but finds no
//! worker key and no evaluator except on an expert's.

use alloc::vec;

use codec::{DecodeAll, Encode};
use cso_primitives::{bounds::MAX_OUTCOME_BYTES, Outcome};
use frame_system::offchain::{
    AppCrypto, CreateSignedTransaction, CreateTransactionBase, SigningTypes,
};
use pallet_consultations::{ConsultationId, EvaluatorQueue, Refused};
use sp_runtime::{
    generic::Era,
    traits::{StaticLookup, Verify},
    SaturatedConversion,
};

use crate::{
    Runtime, RuntimeCall, Signature, SignedPayload, System, TxExtension, UncheckedExtrinsic,
};

/// Life of a worker's transaction in blocks. Short, so that one that did not make it into a block
/// is gone before the worker tries again; a power of two, as eras are.
pub const LONGEVITY: u64 = 8;

impl SigningTypes for Runtime {
    type Public = <Signature as Verify>::Signer;
    type Signature = Signature;
}

impl<LocalCall> CreateTransactionBase<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    type Extrinsic = UncheckedExtrinsic;
    type RuntimeCall = RuntimeCall;
}

impl<LocalCall> CreateSignedTransaction<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    fn create_signed_transaction<C: AppCrypto<Self::Public, Self::Signature>>(
        call: RuntimeCall,
        public: Self::Public,
        account: Self::AccountId,
        nonce: Self::Nonce,
    ) -> Option<UncheckedExtrinsic> {
        // The current block's hash isn't in state yet, so the era begins with its parent.
        let parent = System::block_number().saturated_into::<u64>().saturating_sub(1);
        let extension = extension(Era::mortal(LONGEVITY, parent), nonce);
        let payload = SignedPayload::new(call, extension)
            .inspect_err(|error| {
                log::warn!(target: "cso::runtime", "can't sign a worker's transaction: {error:?}")
            })
            .ok()?;
        let signature = payload.using_encoded(|bytes| C::sign(bytes, public))?;
        let address = <Runtime as frame_system::Config>::Lookup::unlookup(account);
        let (call, extension, _) = payload.deconstruct();
        Some(UncheckedExtrinsic::new_signed(call, address, signature, extension))
    }
}

/// The transaction extension with which an account signs its `nonce`-th call for the blocks of
/// `era`, without a tip.
pub fn extension(era: Era, nonce: crate::Nonce) -> TxExtension {
    (
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckSpecVersion::new(),
        frame_system::CheckTxVersion::new(),
        frame_system::CheckGenesis::new(),
        frame_system::CheckEra::from(era),
        frame_system::CheckNonce::from(nonce),
        frame_system::CheckWeight::new(),
        pallet_transaction_payment::ChargeTransactionPayment::from(0),
        frame_metadata_hash_extension::CheckMetadataHash::new(false),
        frame_system::WeightReclaim::new(),
    )
}

/// The evaluator of the node that runs this off-chain worker, reached through the host functions of
/// `cso-host`. Only an expert's node has one; elsewhere everything is refused.
#[derive(Debug)]
pub struct NodeEvaluator;

impl EvaluatorQueue for NodeEvaluator {
    fn enqueue(id: ConsultationId) -> Result<(), Refused> {
        match cso_host::evaluator::enqueue(id) {
            cso_host::ACCEPTED => Ok(()),
            cso_host::QUEUE_FULL => Err(Refused::QueueFull),
            _ => Err(Refused::NoEvaluator),
        }
    }

    fn take(id: ConsultationId) -> Option<Outcome> {
        let mut out = vec![0; MAX_OUTCOME_BYTES];
        let written = cso_host::evaluator::take(id, &mut out) as usize;
        // Zero bytes mean "not ready", and decode to nothing.
        let outcome = out.get(..written).filter(|bytes| !bytes.is_empty())?;
        Outcome::decode_all(&mut &outcome[..])
            .inspect_err(|error| {
                log::error!(target: "cso::runtime", "the evaluator's outcome of {id} is malformed: {error}")
            })
            .ok()
    }
}

// SPDX-License-Identifier: Apache-2.0

//! What the native evaluator asks the runtime at the finalised head.

use alloc::vec::Vec;

use codec::{Codec, Decode, Encode};
use cso_primitives::{ModelCommitment, RecordCommitment};
use pallet_experts::{Accreditation, ProtocolId};
use scale_info::TypeInfo;

use crate::{BalanceOf, Config, ConsultationId, Consultations, Envelopes, Pallet, Status};

/// A consultation as the evaluator needs it.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct Job<AccountId, Balance> {
    /// Its number.
    pub id: ConsultationId,
    /// Who asks.
    pub patient: AccountId,
    /// Who is asked.
    pub expert: AccountId,
    /// The commitment to the record.
    pub record: RecordCommitment,
    /// What the patient pays.
    pub fee: Balance,
    /// Whether it still waits for an answer.
    pub waiting: bool,
    /// The envelope as the patient has sealed it.
    pub envelope: Vec<u8>,
}

sp_api::decl_runtime_apis! {
    /// Consultations for the native evaluator.
    pub trait ConsultationsApi<AccountId, Balance>
    where
        AccountId: Codec,
        Balance: Codec,
    {
        /// Consultation `id`; `None` if there never was one, or if it has been erased.
        fn job(id: ConsultationId) -> Option<Job<AccountId, Balance>>;

        /// The commitment to the model behind a protocol of `expert`; `None` if there is no such
        /// protocol.
        fn model(expert: AccountId, protocol: ProtocolId) -> Option<ModelCommitment>;
    }
}

impl<T: Config> Pallet<T> {
    /// Answers [`ConsultationsApi::job`](ConsultationsApi).
    pub fn job(id: ConsultationId) -> Option<Job<T::AccountId, BalanceOf<T>>> {
        let consultation = Consultations::<T>::get(id)?;
        let past = consultation.deadline < frame_system::Pallet::<T>::block_number();
        Some(Job {
            id,
            waiting: consultation.status == Status::Requested && !past,
            patient: consultation.patient,
            expert: consultation.expert,
            record: consultation.record,
            fee: consultation.fee,
            envelope: Envelopes::<T>::get(id)?.into_inner(),
        })
    }

    /// Answers [`ConsultationsApi::model`](ConsultationsApi).
    pub fn model(expert: T::AccountId, protocol: ProtocolId) -> Option<ModelCommitment> {
        T::Experts::model(&expert, protocol)
    }
}

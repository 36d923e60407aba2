// SPDX-License-Identifier: Apache-2.0

//! The two traits by which this pallet and the one that runs consultations know each other.
//!
//! [`Accreditation`] answers "may this expert be asked, at what price, and who signs for it"; this
//! pallet implements it. [`OpenConsultations`] answers "does anything still depend on this expert's
//! bond"; the other pallet implements it. Neither pallet depends on more of the other than that.

use cso_primitives::ModelCommitment;

use crate::{BalanceOf, Config, Experts, Pallet, ProtocolId, Protocols, Status, Workers};

/// Why an expert can't be asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AccreditationError {
    /// The account is no expert.
    Unknown,
    /// The board hasn't accredited the expert, or has revoked the accreditation.
    NotAccredited,
    /// The accreditation has run out.
    Expired,
    /// The board has suspended the expert.
    Suspended,
}

/// Who may be asked, at what price, and who may answer.
pub trait Accreditation<AccountId, Balance> {
    /// The least fee for a consultation of `expert`.
    ///
    /// # Errors
    ///
    /// Why the expert can't be asked in this block.
    fn price(expert: &AccountId) -> Result<Balance, AccreditationError>;

    /// The expert that `worker` signs for.
    fn expert_of(worker: &AccountId) -> Option<AccountId>;

    /// Whether `expert` may answer what it has been asked. An accreditation that has merely run out
    /// is no obstacle: it was valid when the patient asked.
    fn may_answer(expert: &AccountId) -> bool;

    /// The commitment to the model behind a protocol of `expert`.
    fn model(expert: &AccountId, protocol: ProtocolId) -> Option<ModelCommitment>;

    /// Make `expert` one that can be asked for as long as there are blocks, with `worker` signing
    /// for it.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_expert(expert: &AccountId, worker: &AccountId);
}

/// What still depends on an expert's bond.
pub trait OpenConsultations<AccountId> {
    /// Whether `expert` has a consultation that is neither paid nor refunded.
    fn has_open(expert: &AccountId) -> bool;
}

impl<AccountId> OpenConsultations<AccountId> for () {
    fn has_open(_: &AccountId) -> bool {
        false
    }
}

impl<T: Config> Accreditation<T::AccountId, BalanceOf<T>> for Pallet<T> {
    fn price(expert: &T::AccountId) -> Result<BalanceOf<T>, AccreditationError> {
        let expert = Experts::<T>::get(expert).ok_or(AccreditationError::Unknown)?;
        match expert.status {
            Status::Applied => Err(AccreditationError::NotAccredited),
            Status::Suspended { .. } => Err(AccreditationError::Suspended),
            Status::Accredited { until } if until < frame_system::Pallet::<T>::block_number() => {
                Err(AccreditationError::Expired)
            }
            Status::Accredited { .. } => Ok(expert.price),
        }
    }

    fn expert_of(worker: &T::AccountId) -> Option<T::AccountId> {
        Workers::<T>::get(worker)
    }

    fn may_answer(expert: &T::AccountId) -> bool {
        Experts::<T>::get(expert)
            .is_some_and(|expert| matches!(expert.status, Status::Accredited { .. }))
    }

    fn model(expert: &T::AccountId, protocol: ProtocolId) -> Option<ModelCommitment> {
        Protocols::<T>::get(expert, protocol).map(|protocol| protocol.model)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_expert(expert: &T::AccountId, worker: &T::AccountId) {
        crate::benchmarking::accredited::<T>(expert, worker);
    }
}

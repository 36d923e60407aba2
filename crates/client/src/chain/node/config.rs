// SPDX-License-Identifier: Apache-2.0
//! What subxt must know of this chain: its types, what its transactions carry, and the metadata
//! that calls are encoded by.

use super::metadata::{Digest, Metadata};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};
use subxt::{
    config::{
        transaction_extensions::{
            ChargeTransactionPayment, ChargeTransactionPaymentParams, CheckGenesis, CheckMortality,
            CheckMortalityParams, CheckNonce, CheckNonceParams, CheckSpecVersion, CheckTxVersion,
            Params,
        },
        ClientState, Config, ParamsFor, TransactionExtension,
    },
    error::TransactionExtensionError,
    ext::{
        codec::Encode,
        frame_decode::extrinsics::{self, TransactionExtensionError as EncodeError},
        scale_decode::DecodeAsType,
    },
    metadata::ArcMetadata,
    PolkadotConfig,
};

/// The chain's types, and the metadata of the versions of its runtime that were met.
#[derive(Clone, Debug, Default)]
pub(super) struct NodeConfig(Arc<RwLock<BTreeMap<u32, Known>>>);

#[derive(Clone, Debug)]
struct Known {
    metadata: ArcMetadata,
    /// `None` for what subxt has fetched by itself: good for reading, not for signing.
    digest: Option<Digest>,
}

impl NodeConfig {
    /// Knows one version of the runtime.
    pub(super) fn new(found: &Metadata) -> Self {
        let known = Known { metadata: found.metadata.clone(), digest: Some(found.digest) };
        Self(Arc::new(RwLock::new(BTreeMap::from([(found.spec_version, known)]))))
    }

    fn known(&self, spec_version: u32) -> Option<Known> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&spec_version).cloned()
    }

    /// What a mortal transaction of an account carries, under a version of the runtime.
    pub(super) fn params(&self, spec_version: u32, nonce: u64, life: u64) -> ParamsFor<Self> {
        let digest = self.known(spec_version).and_then(|known| known.digest);
        (
            (),
            (),
            CheckNonceParams::with_nonce(nonce),
            (),
            CheckMortalityParams::mortal(life),
            ChargeTransactionPaymentParams::no_tip(),
            digest.into(),
        )
    }
}

impl Config for NodeConfig {
    type AccountId = <PolkadotConfig as Config>::AccountId;
    type Address = <PolkadotConfig as Config>::Address;
    type Signature = <PolkadotConfig as Config>::Signature;
    type Header = <PolkadotConfig as Config>::Header;
    type AssetId = <PolkadotConfig as Config>::AssetId;
    type Hasher = <PolkadotConfig as Config>::Hasher;
    /// Those of the runtime's extensions that carry something.
    type TransactionExtensions = (
        CheckSpecVersion,
        CheckTxVersion,
        CheckNonce,
        CheckGenesis<Self>,
        CheckMortality<Self>,
        ChargeTransactionPayment,
        SignedMetadata,
    );

    fn metadata_for_spec_version(&self, spec_version: u32) -> Option<ArcMetadata> {
        self.known(spec_version).map(|known| known.metadata)
    }

    fn set_metadata_for_spec_version(&self, spec_version: u32, metadata: ArcMetadata) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.entry(spec_version).or_insert(Known { metadata, digest: None });
    }
}

/// `CheckMetadataHash`: the hash of the metadata that the call was encoded by is signed along with
/// it. The runtime puts in its own: the signature of a call that was encoded by other metadata,
/// and so may mean something else, is none. subxt 0.51 has this extension, but always disabled.
pub(super) struct SignedMetadata(Digest);

/// The hash to sign.
#[derive(Debug, Default)]
pub(super) struct SignedMetadataParams(Option<Digest>);

impl From<Option<Digest>> for SignedMetadataParams {
    fn from(digest: Option<Digest>) -> Self {
        Self(digest)
    }
}

impl<T: Config> Params<T> for SignedMetadataParams {}

/// As the runtime encodes it.
#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub(super) enum Mode {
    /// No hash was signed.
    #[allow(dead_code)] // Decoded only.
    Disabled,
    /// One was.
    Enabled,
}

impl<T: Config> TransactionExtension<T> for SignedMetadata {
    type Decoded = Mode;
    type Params = SignedMetadataParams;

    fn new(_: &ClientState<T>, params: Self::Params) -> Result<Self, TransactionExtensionError> {
        let digest = params.0.ok_or_else(|| TransactionExtensionError::custom(UPGRADED))?;
        Ok(Self(digest))
    }
}

/// Why a call can't be signed.
pub(super) const UPGRADED: &str = "its runtime was upgraded just now: try again";

impl extrinsics::TransactionExtension<scale_info::PortableRegistry> for SignedMetadata {
    const NAME: &str = "CheckMetadataHash";

    fn encode_value_to(
        &self,
        _: u32,
        _: &scale_info::PortableRegistry,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        out.push(Mode::Enabled as u8);
        Ok(())
    }

    fn encode_implicit_to(
        &self,
        _: u32,
        _: &scale_info::PortableRegistry,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        Some(self.0).encode_to(out);
        Ok(())
    }
}

// SPDX-License-Identifier: Apache-2.0

//! A runtime with balances, experts and consultations, whose accounts and signatures are those of
//! the real one, and an evaluator that does what a test tells it to.

use core::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use codec::Encode;
pub(crate) use cso_primitives::{DeclineReason, Outcome};
use cso_primitives::{RecordCommitment, SealingPublicKey};
use frame_support::{
    derive_impl, parameter_types,
    traits::{
        fungible::{Inspect, InspectHold},
        ConstU128, ConstU32, ConstU64, Hooks, LinearStoragePrice,
    },
    weights::Weight,
};
use frame_system::{offchain::AppCrypto, EnsureRoot};
use sp_keyring::Sr25519Keyring as Keyring;
use sp_runtime::{
    generic,
    traits::{AccountIdLookup, BlakeTwo256, Verify},
    AccountId32, BuildStorage, DispatchResult, MultiSignature, MultiSigner,
};

use crate::{
    self as pallet_consultations, ConsultationId, EvaluatorQueue, HoldReason, Refused, Status,
};

pub(crate) type AccountId = AccountId32;
pub(crate) type Balance = u128;
pub(crate) type TxExtension = frame_system::CheckNonce<Test>;
pub(crate) type Extrinsic = generic::UncheckedExtrinsic<
    sp_runtime::MultiAddress<AccountId, ()>,
    RuntimeCall,
    MultiSignature,
    TxExtension,
>;
pub(crate) type Block = generic::Block<generic::Header<u64, BlakeTwo256>, Extrinsic>;

pub(crate) const ED: Balance = 10;
pub(crate) const ENDOWMENT: Balance = 1_000_000;
pub(crate) const PRICE: Balance = 500;
pub(crate) const MIN_TERM: u64 = 5;
pub(crate) const MAX_TERM: u64 = 100;
pub(crate) const CHALLENGE: u64 = 20;
pub(crate) const RETENTION: u64 = 30;
pub(crate) const RETRY: u64 = 4;
pub(crate) const MAX_SWEPT: u32 = 2;
/// The deposit of a consultation whose envelope is [`envelope`]'s.
pub(crate) const DEPOSIT: Balance = 100 + 8 + 64 + 16;

pub(crate) fn patient() -> AccountId {
    Keyring::Alice.to_account_id()
}
pub(crate) fn other_patient() -> AccountId {
    Keyring::Bob.to_account_id()
}
pub(crate) fn expert() -> AccountId {
    Keyring::Charlie.to_account_id()
}
pub(crate) fn other_expert() -> AccountId {
    Keyring::Dave.to_account_id()
}
pub(crate) fn worker() -> AccountId {
    Keyring::Eve.to_account_id()
}
pub(crate) fn second_worker() -> AccountId {
    Keyring::One.to_account_id()
}
pub(crate) fn other_worker() -> AccountId {
    Keyring::Ferdie.to_account_id()
}
pub(crate) fn stranger() -> AccountId {
    Keyring::Two.to_account_id()
}

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(2)]
    pub type Experts = pallet_experts;
    #[runtime::pallet_index(3)]
    pub type Consultations = pallet_consultations;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId;
    type Lookup = AccountIdLookup<AccountId, ()>;
    type AccountData = pallet_balances::AccountData<Balance>;
}

parameter_types! {
    pub static ExistentialDeposit: Balance = ED;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type Balance = Balance;
    type AccountStore = System;
    type ExistentialDeposit = ExistentialDeposit;
    type FreezeIdentifier = u8;
    type MaxFreezes = ConstU32<1>;
}

impl pallet_experts::Config for Test {
    type RuntimeHoldReason = RuntimeHoldReason;
    type Currency = Balances;
    type BoardOrigin = EnsureRoot<AccountId>;
    type OpenConsultations = Consultations;
    type Slashed = ();
    type Bond = ConstU128<1_000>;
    type ProtocolDeposit = LinearStoragePrice<ConstU128<100>, ConstU128<1>, Balance>;
    type MinPrice = ConstU128<ED>;
    type MaxEndpointLen = ConstU32<32>;
    type MaxWorkers = ConstU32<3>;
    type MaxDescriptionLen = ConstU32<64>;
    type MaxProtocols = ConstU32<4>;
    type WeightInfo = ();
}

impl pallet_consultations::Config for Test {
    type RuntimeHoldReason = RuntimeHoldReason;
    type Currency = Balances;
    type Experts = Experts;
    type Evaluator = Evaluator;
    type WorkerKey = crate::crypto::WorkerKey;
    type Deposit = LinearStoragePrice<ConstU128<100>, ConstU128<1>, Balance>;
    type MaxEnvelopeLen = ConstU32<32>;
    type MaxAnswerLen = ConstU32<64>;
    type MaxNoteLen = ConstU32<16>;
    type MinTerm = ConstU64<MIN_TERM>;
    type MaxTerm = ConstU64<MAX_TERM>;
    type ChallengePeriod = ConstU64<CHALLENGE>;
    type Retention = ConstU64<RETENTION>;
    type MaxRequestsPerExpert = ConstU32<3>;
    type MaxSweptPerBlock = ConstU32<MAX_SWEPT>;
    type RetryAfter = ConstU64<RETRY>;
    type WeightInfo = ();
}

impl frame_system::offchain::SigningTypes for Test {
    type Public = <MultiSignature as Verify>::Signer;
    type Signature = MultiSignature;
}

impl<C> frame_system::offchain::CreateTransactionBase<C> for Test
where
    RuntimeCall: From<C>,
{
    type RuntimeCall = RuntimeCall;
    type Extrinsic = Extrinsic;
}

impl<C> frame_system::offchain::CreateSignedTransaction<C> for Test
where
    RuntimeCall: From<C>,
{
    fn create_signed_transaction<K: AppCrypto<MultiSigner, MultiSignature>>(
        call: RuntimeCall,
        public: MultiSigner,
        account: AccountId,
        nonce: u32,
    ) -> Option<Extrinsic> {
        let extension = TxExtension::from(nonce);
        let payload = generic::SignedPayload::new(call, extension).ok()?;
        let signature = payload.using_encoded(|bytes| K::sign(bytes, public))?;
        let (call, extension, _) = payload.deconstruct();
        Some(Extrinsic::new_signed(call, account.into(), signature, extension))
    }
}

thread_local! {
    static EVALUATOR: RefCell<EvaluatorState> = RefCell::default();
}

/// What the evaluator has been told, and what it says.
#[derive(Default)]
pub struct EvaluatorState {
    pub refuses: Option<Refused>,
    pub queue: BTreeSet<ConsultationId>,
    pub outcomes: BTreeMap<ConsultationId, Outcome>,
}

/// The double of the native evaluator: it remembers what was enqueued, and has the outcomes that
/// the test gives it.
pub struct Evaluator;

impl Evaluator {
    pub fn with<R>(f: impl FnOnce(&mut EvaluatorState) -> R) -> R {
        EVALUATOR.with_borrow_mut(f)
    }
}

impl EvaluatorQueue for Evaluator {
    fn enqueue(id: ConsultationId) -> Result<(), Refused> {
        Self::with(|state| match state.refuses {
            Some(refused) => Err(refused),
            None => {
                state.queue.insert(id);
                Ok(())
            }
        })
    }

    fn take(id: ConsultationId) -> Option<Outcome> {
        Self::with(|state| state.outcomes.get(&id).cloned())
    }
}

/// Everybody but [`stranger`] has [`ENDOWMENT`]. Two experts are accredited up to block 10 000.
pub(crate) fn new_test_ext() -> sp_io::TestExternalities {
    let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
    let rich = [patient(), other_patient(), expert(), other_expert(), worker(), other_worker()];
    pallet_balances::GenesisConfig::<Test> {
        balances: rich.into_iter().map(|who| (who, ENDOWMENT)).collect(),
        ..Default::default()
    }
    .assimilate_storage(&mut storage)
    .unwrap();
    let mut ext = sp_io::TestExternalities::new(storage);
    ext.execute_with(|| {
        System::set_block_number(1);
        ExistentialDeposit::set(ED);
        Evaluator::with(|state| *state = EvaluatorState::default());
        apply(expert(), vec![worker(), second_worker()]);
        apply(other_expert(), vec![other_worker()]);
        System::reset_events();
    });
    ext
}

fn apply(who: AccountId, workers: Vec<AccountId>) {
    Experts::apply(
        RuntimeOrigin::signed(who.clone()),
        b"wss://expert.example".to_vec().try_into().unwrap(),
        Box::new(SealingPublicKey::repeat(7)),
        workers.try_into().unwrap(),
        PRICE,
    )
    .unwrap();
    Experts::accredit(RuntimeOrigin::root(), who, 10_000).unwrap();
}

/// Run a test, with a check of the state of all pallets at its end.
pub(crate) fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        test();
        check();
    });
}

pub(crate) fn check() {
    Consultations::do_try_state().unwrap();
    Experts::do_try_state().unwrap();
}

pub(crate) fn envelope() -> Vec<u8> {
    b"envelope".to_vec()
}

pub(crate) fn signed(who: AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

/// A request of [`patient`] to [`expert`] for [`PRICE`], with the nearest deadline.
pub(crate) fn request() -> ConsultationId {
    let id = crate::NextId::<Test>::get();
    request_as(patient(), expert(), PRICE, now() + MIN_TERM).unwrap();
    id
}

pub(crate) fn request_as(
    who: AccountId,
    expert: AccountId,
    fee: Balance,
    deadline: u64,
) -> DispatchResult {
    let envelope = envelope().try_into().unwrap();
    Consultations::request(
        signed(who),
        expert,
        RecordCommitment::repeat(1),
        envelope,
        fee,
        deadline,
    )
}

pub(crate) fn deliver_as(
    who: AccountId,
    id: ConsultationId,
) -> frame_support::dispatch::DispatchResultWithPostInfo {
    let answer = b"answer".to_vec().try_into().unwrap();
    Consultations::deliver(signed(who), id, answer, b"note".to_vec().try_into().unwrap())
}

/// A consultation with an opinion.
pub(crate) fn delivered() -> ConsultationId {
    let id = request();
    deliver_as(worker(), id).unwrap();
    id
}

/// A consultation that is accepted.
pub(crate) fn accepted() -> ConsultationId {
    let id = delivered();
    Consultations::accept(signed(patient()), id).unwrap();
    id
}

pub(crate) fn now() -> u64 {
    System::block_number()
}

/// To block `block`, without the pallet's doing anything by itself.
pub(crate) fn jump_to(block: u64) {
    System::set_block_number(block);
}

/// To block `block`, with the sweep in each block.
pub(crate) fn run_to(block: u64) {
    while now() < block {
        System::set_block_number(now() + 1);
        Consultations::on_idle(now(), Weight::MAX);
    }
}

pub(crate) fn status(id: ConsultationId) -> Status<u64> {
    crate::Consultations::<Test>::get(id).unwrap().status
}

pub(crate) fn total(who: &AccountId) -> Balance {
    Balances::total_balance(who)
}

pub(crate) fn held(reason: HoldReason, who: &AccountId) -> Balance {
    Balances::balance_on_hold(&reason.into(), who)
}

/// The events of this pallet since the last call of this function.
pub(crate) fn events() -> Vec<crate::Event<Test>> {
    let events = System::events().into_iter().filter_map(|record| match record.event {
        RuntimeEvent::Consultations(event) => Some(event),
        _ => None,
    });
    let events = events.collect();
    System::reset_events();
    events
}

/// Slash all of an expert's bond and let it spend the rest: its account dies.
pub(crate) fn lose_everything(who: &AccountId) {
    Experts::slash(RuntimeOrigin::root(), who.clone(), Balance::MAX).unwrap();
    Balances::transfer_all(signed(who.clone()), stranger().into(), false).unwrap();
    assert_eq!(total(who), 0);
}

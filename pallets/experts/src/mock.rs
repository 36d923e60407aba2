// SPDX-License-Identifier: Apache-2.0

//! A runtime of three pallets for the tests, and accounts with names.

use core::cell::RefCell;

use frame_support::{
    derive_impl, parameter_types,
    traits::{
        fungible::Inspect, ConstU32, ConstU64, EitherOfDiverse, EnsureOrigin, LinearStoragePrice,
    },
};
use frame_system::{EnsureRoot, EnsureSignedBy};
use sp_runtime::{traits::IdentityLookup, BuildStorage};

use cso_primitives::SealingPublicKey;

use crate::{self as pallet_experts, OpenConsultations};

pub(crate) type Block = frame_system::mocking::MockBlock<Test>;

pub(crate) const EXPERT: u64 = 1;
pub(crate) const OTHER_EXPERT: u64 = 2;
pub(crate) const BOARD: u64 = 3;
pub(crate) const STRANGER: u64 = 4;
pub(crate) const POOR: u64 = 5;
pub(crate) const WORKER: u64 = 11;
pub(crate) const OTHER_WORKER: u64 = 12;

pub(crate) const ENDOWMENT: u64 = 1_000_000;
pub(crate) const BOND: u64 = 1_000;
pub(crate) const PRICE: u64 = 50;
pub(crate) const KEY: SealingPublicKey = SealingPublicKey::repeat(7);

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
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = u64;
    type Lookup = IdentityLookup<u64>;
    type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type ExistentialDeposit = ConstU64<10>;
}

parameter_types! {
    pub static RequiredBond: u64 = BOND;
}

/// [`BOARD`] or root.
pub(crate) type BoardOrigin = EitherOfDiverse<EnsureRoot<u64>, EnsureSignedBy<BoardMembers, u64>>;

pub struct BoardMembers;
impl frame_support::traits::SortedMembers<u64> for BoardMembers {
    fn sorted_members() -> Vec<u64> {
        vec![BOARD]
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn add(_: &u64) {}
}

thread_local! {
    static OPEN: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// Experts whom the test says to have open consultations.
pub struct Open;
impl Open {
    pub fn set(experts: &[u64]) {
        OPEN.with_borrow_mut(|open| *open = experts.to_vec());
    }
}
impl OpenConsultations<u64> for Open {
    fn has_open(expert: &u64) -> bool {
        OPEN.with_borrow(|open| open.contains(expert))
    }
}

impl pallet_experts::Config for Test {
    type RuntimeHoldReason = RuntimeHoldReason;
    type Currency = Balances;
    type BoardOrigin = BoardOrigin;
    type OpenConsultations = Open;
    type Slashed = ();
    type Bond = RequiredBond;
    type ProtocolDeposit = LinearStoragePrice<ConstU64<100>, ConstU64<1>, u64>;
    type MinPrice = ConstU64<10>;
    type MaxEndpointLen = ConstU32<32>;
    type MaxWorkers = ConstU32<3>;
    type MaxDescriptionLen = ConstU32<64>;
    type MaxProtocols = ConstU32<4>;
    type WeightInfo = ();
}

/// Builds the state that a test begins with, and checks the state that it ends with.
pub(crate) struct Ext;

impl Ext {
    /// Everybody but [`POOR`] has [`ENDOWMENT`].
    pub(crate) fn empty() -> sp_io::TestExternalities {
        let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
        let rich = [EXPERT, OTHER_EXPERT, BOARD, STRANGER];
        pallet_balances::GenesisConfig::<Test> {
            balances: rich.iter().map(|who| (*who, ENDOWMENT)).chain([(POOR, 20)]).collect(),
            ..Default::default()
        }
        .assimilate_storage(&mut storage)
        .unwrap();
        let mut ext = sp_io::TestExternalities::new(storage);
        ext.execute_with(|| {
            System::set_block_number(1);
            Open::set(&[]);
            RequiredBond::set(BOND);
        });
        ext
    }

    /// Run a test in [`Ext::empty`], with a check of the state at its end.
    pub(crate) fn run(test: impl FnOnce()) {
        Self::empty().execute_with(|| {
            test();
            Experts::do_try_state().unwrap();
        });
    }

    /// Like [`Ext::run`], with [`EXPERT`] accredited up to block 100 and [`WORKER`] signing for it.
    pub(crate) fn run_accredited(test: impl FnOnce()) {
        Self::run(|| {
            apply(EXPERT, &[WORKER]);
            Experts::accredit(RuntimeOrigin::signed(BOARD), EXPERT, 100).unwrap();
            System::reset_events();
            test();
        });
    }
}

pub(crate) fn apply(expert: u64, workers: &[u64]) {
    Experts::apply(
        RuntimeOrigin::signed(expert),
        b"wss://expert.example".to_vec().try_into().unwrap(),
        Box::new(KEY),
        workers.to_vec().try_into().unwrap(),
        PRICE,
    )
    .unwrap();
}

pub(crate) fn free(who: u64) -> u64 {
    Balances::balance(&who)
}

/// The last event, which must be one of this pallet.
pub(crate) fn last_event() -> crate::Event<Test> {
    match System::events().pop().expect("there is an event").event {
        RuntimeEvent::Experts(event) => event,
        other => panic!("not an event of this pallet: {other:?}"),
    }
}

#[test]
fn board_origin_is_the_board_or_root() {
    assert!(BoardOrigin::ensure_origin(RuntimeOrigin::root()).is_ok());
    assert!(BoardOrigin::ensure_origin(RuntimeOrigin::signed(BOARD)).is_ok());
    assert!(BoardOrigin::ensure_origin(RuntimeOrigin::signed(STRANGER)).is_err());
}

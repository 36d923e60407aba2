// SPDX-License-Identifier: Apache-2.0

//! A runtime with `pallet-session` whose sessions the tests turn by hand.

use core::cell::RefCell;

use frame_support::{derive_impl, traits::ConstU32};
use frame_system::EnsureRoot;
use sp_runtime::{
    impl_opaque_keys,
    testing::UintAuthorityId,
    traits::{ConvertInto, OpaqueKeys},
    BuildStorage, KeyTypeId,
};

use crate as pallet_validators;

pub(crate) type Block = frame_system::mocking::MockBlock<Test>;

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
    // Before Session, whose genesis asks for the list.
    #[runtime::pallet_index(2)]
    pub type Validators = pallet_validators;
    #[runtime::pallet_index(3)]
    pub type Session = pallet_session;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
}

impl_opaque_keys! {
    pub struct SessionKeys {
        pub dummy: UintAuthorityId,
    }
}

thread_local! {
    static HANDOVERS: RefCell<u32> = const { RefCell::new(0) };
}

/// Counts how often the authorities were told of a change.
pub struct CountHandovers;

impl CountHandovers {
    pub fn count() -> u32 {
        HANDOVERS.with_borrow(|count| *count)
    }
}

impl pallet_session::SessionHandler<u64> for CountHandovers {
    const KEY_TYPE_IDS: &'static [KeyTypeId] = &[sp_runtime::key_types::DUMMY];
    fn on_genesis_session<Keys: OpaqueKeys>(_: &[(u64, Keys)]) {
        HANDOVERS.with_borrow_mut(|count| *count = 0);
    }
    fn on_new_session<Keys: OpaqueKeys>(changed: bool, _: &[(u64, Keys)], _: &[(u64, Keys)]) {
        HANDOVERS.with_borrow_mut(|count| *count += u32::from(changed));
    }
    fn on_disabled(_: u32) {}
}

/// Sessions turn only when a test says so.
pub struct Never;
impl pallet_session::ShouldEndSession<u64> for Never {
    fn should_end_session(_: u64) -> bool {
        false
    }
}

impl pallet_session::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = u64;
    type ValidatorIdOf = ConvertInto;
    type ShouldEndSession = Never;
    type NextSessionRotation = ();
    type SessionManager = Validators;
    type SessionHandler = CountHandovers;
    type Keys = SessionKeys;
    type DisablingStrategy = ();
    type WeightInfo = ();
    type Currency = Balances;
    type KeyDeposit = ();
}

impl pallet_validators::Config for Test {
    type BoardOrigin = EnsureRoot<u64>;
    type MaxValidators = ConstU32<4>;
    type WeightInfo = ();
}

/// Accounts 1 to 5 have session keys; 1 and 2 are admitted.
pub(crate) fn new_test_ext() -> sp_io::TestExternalities {
    let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
    pallet_balances::GenesisConfig::<Test> {
        balances: (1..=5).map(|who| (who, 100)).collect(),
        ..Default::default()
    }
    .assimilate_storage(&mut storage)
    .unwrap();
    pallet_validators::GenesisConfig::<Test> { validators: vec![1, 2] }
        .assimilate_storage(&mut storage)
        .unwrap();
    let keys = |who: &u64| (*who, *who, SessionKeys { dummy: UintAuthorityId(*who) });
    pallet_session::GenesisConfig::<Test> {
        keys: [1, 2].iter().map(keys).collect(),
        non_authority_keys: [3, 4, 5].iter().map(keys).collect(),
    }
    .assimilate_storage(&mut storage)
    .unwrap();
    let mut ext = sp_io::TestExternalities::new(storage);
    ext.execute_with(|| System::set_block_number(1));
    ext
}

/// Run a test, with a check of the state at its end.
pub(crate) fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        test();
        Validators::do_try_state().unwrap();
    });
}

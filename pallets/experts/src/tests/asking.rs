// SPDX-License-Identifier: Apache-2.0

//! What the pallet tells the one that runs consultations.

use cso_primitives::ModelCommitment;
use frame_support::assert_ok;

use crate::{mock::*, Accreditation, AccreditationError};

fn price() -> Result<u64, AccreditationError> {
    <Experts as Accreditation<u64, u64>>::price(&EXPERT)
}

fn may_answer() -> bool {
    <Experts as Accreditation<u64, u64>>::may_answer(&EXPERT)
}

#[test]
fn accredited_expert_can_be_asked_up_to_the_last_block() {
    Ext::run_accredited(|| {
        System::set_block_number(100);
        assert_eq!(price(), Ok(PRICE));
        System::set_block_number(101);
        assert_eq!(price(), Err(AccreditationError::Expired));
    });
}

#[test]
fn each_reason_not_to_ask_is_told_apart() {
    Ext::run(|| {
        assert_eq!(price(), Err(AccreditationError::Unknown));
        apply(EXPERT, &[WORKER]);
        assert_eq!(price(), Err(AccreditationError::NotAccredited));
        assert_ok!(Experts::accredit(RuntimeOrigin::root(), EXPERT, 100));
        assert_eq!(price(), Ok(PRICE));
        assert_ok!(Experts::suspend(RuntimeOrigin::root(), EXPERT));
        assert_eq!(price(), Err(AccreditationError::Suspended));
        assert_ok!(Experts::revoke(RuntimeOrigin::root(), EXPERT));
        assert_eq!(price(), Err(AccreditationError::NotAccredited));
    });
}

#[test]
fn expert_may_answer_while_accredited_or_expired_but_not_otherwise() {
    Ext::run(|| {
        assert!(!may_answer());
        apply(EXPERT, &[WORKER]);
        assert!(!may_answer());
        assert_ok!(Experts::accredit(RuntimeOrigin::root(), EXPERT, 100));
        assert!(may_answer());
        System::set_block_number(1_000);
        assert!(may_answer());
        assert_ok!(Experts::suspend(RuntimeOrigin::root(), EXPERT));
        assert!(!may_answer());
        assert_ok!(Experts::revoke(RuntimeOrigin::root(), EXPERT));
        assert!(!may_answer());
    });
}

#[test]
fn worker_leads_to_its_expert_and_protocol_to_its_model() {
    Ext::run_accredited(|| {
        type Asked = Experts;
        assert_eq!(<Asked as Accreditation<u64, u64>>::expert_of(&WORKER), Some(EXPERT));
        assert_eq!(<Asked as Accreditation<u64, u64>>::expert_of(&EXPERT), None);
        let model = ModelCommitment::repeat(3);
        let description = vec![1].try_into().unwrap();
        assert_ok!(Experts::publish(RuntimeOrigin::signed(EXPERT), description, model));
        assert_eq!(<Asked as Accreditation<u64, u64>>::model(&EXPERT, 0), Some(model));
        assert_eq!(<Asked as Accreditation<u64, u64>>::model(&EXPERT, 1), None);
        assert_eq!(<Asked as Accreditation<u64, u64>>::model(&OTHER_EXPERT, 0), None);
    });
}

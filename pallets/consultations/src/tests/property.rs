// SPDX-License-Identifier: Apache-2.0

//! Conservation: random sequences of calls by everybody, with a model that keeps accounts of its
//! own.
//!
//! The model knows who owns how much in all, free or on hold, and moves money only where the rules
//! say so. After each step every account must own what the model says, and the state must be sound.
//! At the end, when time has passed, nothing may be left of any consultation, in state or on hold.

use std::collections::BTreeMap;

use frame_support::traits::fungible::Inspect;
use proptest::prelude::*;

use crate::{mock::*, ConsultationId, Event, HoldReason};

#[derive(Clone, Debug)]
enum Step {
    Ask { patient: usize, expert: usize, tip: Balance, term: u64 },
    Deliver { worker: usize, id: ConsultationId },
    Decline { worker: usize, id: ConsultationId },
    Accept { who: usize, id: ConsultationId },
    Settle { id: ConsultationId },
    Expire { id: ConsultationId },
    Erase { who: usize, id: ConsultationId },
    Suspend { expert: usize },
    Reinstate { expert: usize },
    Revoke { expert: usize },
    Accredit { expert: usize, blocks: u64 },
    Slash { expert: usize, amount: Balance },
    Withdraw { expert: usize },
    Spend { who: usize },
    Run { blocks: u64 },
    Jump { blocks: u64 },
}

fn everybody() -> [AccountId; 8] {
    [
        patient(),
        other_patient(),
        expert(),
        other_expert(),
        worker(),
        second_worker(),
        other_worker(),
        stranger(),
    ]
}

fn experts() -> [AccountId; 2] {
    [expert(), other_expert()]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = 0..8usize;
    let expert = 0..2usize;
    let worker = 4..7usize;
    let id = 0..12u64;
    let step = prop_oneof![
        8 => (who.clone(), expert.clone(), 0..50u128, 3..20u64)
            .prop_map(|(patient, expert, tip, term)| Step::Ask { patient, expert, tip, term }),
        8 => (worker.clone(), id.clone()).prop_map(|(worker, id)| Step::Deliver { worker, id }),
        2 => (worker, id.clone()).prop_map(|(worker, id)| Step::Decline { worker, id }),
        4 => (who.clone(), id.clone()).prop_map(|(who, id)| Step::Accept { who, id }),
        2 => id.clone().prop_map(|id| Step::Settle { id }),
        2 => id.clone().prop_map(|id| Step::Expire { id }),
        4 => (who.clone(), id).prop_map(|(who, id)| Step::Erase { who, id }),
        1 => expert.clone().prop_map(|expert| Step::Suspend { expert }),
        2 => expert.clone().prop_map(|expert| Step::Reinstate { expert }),
        1 => expert.clone().prop_map(|expert| Step::Revoke { expert }),
        2 => (expert.clone(), 0..200u64)
            .prop_map(|(expert, blocks)| Step::Accredit { expert, blocks }),
        1 => (expert.clone(), 0..1_500u128)
            .prop_map(|(expert, amount)| Step::Slash { expert, amount }),
        1 => expert.prop_map(|expert| Step::Withdraw { expert }),
        2 => who.prop_map(|who| Step::Spend { who }),
        6 => (1..15u64).prop_map(|blocks| Step::Run { blocks }),
        1 => (1..15u64).prop_map(|blocks| Step::Jump { blocks }),
    ];
    proptest::collection::vec(step, 1..60)
}

/// What a consultation is to the model.
struct Entry {
    patient: AccountId,
    expert: AccountId,
    fee: Balance,
    delivered: bool,
    closed: bool,
}

struct Model {
    owned: BTreeMap<AccountId, Balance>,
    consultations: BTreeMap<ConsultationId, Entry>,
}

impl Model {
    fn new() -> Self {
        let owned = everybody().into_iter().map(|who| (who.clone(), total(&who))).collect();
        Self { owned, consultations: BTreeMap::new() }
    }

    fn owned(&mut self, who: &AccountId) -> &mut Balance {
        self.owned.get_mut(who).expect("everybody is known")
    }

    fn take(&mut self, step: Step) {
        let all = everybody();
        match step {
            Step::Ask { patient, expert, tip, term } => {
                let fee = PRICE + tip;
                let (patient, expert) = (all[patient].clone(), experts()[expert].clone());
                let _ = request_as(patient, expert, fee, now() + term);
            }
            Step::Deliver { worker, id } => {
                let _ = deliver_as(all[worker].clone(), id);
            }
            Step::Decline { worker, id } => {
                let origin = signed(all[worker].clone());
                let _ = Consultations::decline(origin, id, DeclineReason::Declined);
            }
            Step::Accept { who, id } => {
                let _ = Consultations::accept(signed(all[who].clone()), id);
            }
            Step::Settle { id } => {
                let _ = Consultations::settle(signed(stranger()), id);
            }
            Step::Expire { id } => {
                let _ = Consultations::expire(signed(stranger()), id);
            }
            Step::Erase { who, id } => {
                let _ = Consultations::erase(signed(all[who].clone()), id);
            }
            Step::Suspend { expert } => {
                let _ = Experts::suspend(RuntimeOrigin::root(), experts()[expert].clone());
            }
            Step::Reinstate { expert } => {
                let _ = Experts::reinstate(RuntimeOrigin::root(), experts()[expert].clone());
            }
            Step::Revoke { expert } => {
                let _ = Experts::revoke(RuntimeOrigin::root(), experts()[expert].clone());
            }
            Step::Accredit { expert, blocks } => {
                let expert = experts()[expert].clone();
                let _ = Experts::accredit(RuntimeOrigin::root(), expert, now() + blocks);
            }
            Step::Slash { expert, amount } => {
                let expert = experts()[expert].clone();
                let reason = pallet_experts::HoldReason::Bond.into();
                let bond =
                    <Balances as frame_support::traits::fungible::InspectHold<_>>::balance_on_hold(
                        &reason, &expert,
                    );
                if Experts::slash(RuntimeOrigin::root(), expert.clone(), amount).is_ok() {
                    *self.owned(&expert) -= amount.min(bond);
                }
            }
            Step::Withdraw { expert } => {
                let _ = Experts::withdraw(signed(experts()[expert].clone()));
            }
            Step::Spend { who } => {
                let sink = stranger();
                let spent = Balances::reducible_balance(
                    &all[who],
                    frame_support::traits::tokens::Preservation::Expendable,
                    frame_support::traits::tokens::Fortitude::Polite,
                );
                let origin = signed(all[who].clone());
                if Balances::transfer_all(origin, sink.clone().into(), false).is_ok() {
                    *self.owned(&all[who]) -= spent;
                    *self.owned(&sink) += spent;
                }
            }
            Step::Run { blocks } => run_to(now() + blocks),
            Step::Jump { blocks } => jump_to(now() + blocks),
        }
        self.read_events();
        self.compare();
    }

    fn read_events(&mut self) {
        for event in events() {
            match event {
                Event::Requested { id, patient, expert, fee, .. } => {
                    let entry = Entry { patient, expert, fee, delivered: false, closed: false };
                    assert!(self.consultations.insert(id, entry).is_none(), "number used twice");
                }
                Event::Delivered { id, .. } => {
                    let entry = self.entry(id);
                    assert!(!entry.delivered && !entry.closed);
                    entry.delivered = true;
                }
                Event::Declined { id, .. } | Event::Expired { id, .. } => {
                    let entry = self.entry(id);
                    assert!(!entry.delivered && !entry.closed);
                    entry.closed = true;
                }
                Event::Accepted { id, .. } | Event::Settled { id, .. } => {
                    let entry = self.entry(id);
                    assert!(entry.delivered && !entry.closed);
                    entry.closed = true;
                    let (patient, expert) = (entry.patient.clone(), entry.expert.clone());
                    let fee = entry.fee;
                    *self.owned(&patient) -= fee;
                    *self.owned(&expert) += fee;
                }
                Event::Erased { id } => {
                    let entry = self.consultations.remove(&id).expect("erased what isn't there");
                    assert!(entry.closed);
                }
                Event::SweepFailed { id, error } => panic!("sweep of {id} failed: {error:?}"),
                Event::__Ignore(..) => unreachable!("no event has this variant"),
            }
        }
    }

    fn entry(&mut self, id: ConsultationId) -> &mut Entry {
        self.consultations.get_mut(&id).expect("event of what was never requested")
    }

    fn compare(&self) {
        for (who, owned) in &self.owned {
            assert_eq!(total(who), *owned, "{who} owns something else than it should");
        }
        assert_eq!(Balances::total_issuance(), self.owned.values().sum::<Balance>());
        check();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..Default::default() })]

    #[test]
    fn no_sequence_of_calls_loses_or_creates_money(steps in steps()) {
        new_test_ext().execute_with(|| {
            let mut model = Model::new();
            for step in steps {
                model.take(step);
            }
            model.take(Step::Run { blocks: MAX_TERM + CHALLENGE + 2 * RETENTION + 50 });
            assert!(model.consultations.is_empty());
            for who in everybody() {
                assert_eq!(held(HoldReason::Fee, &who), 0);
                assert_eq!(held(HoldReason::Deposit, &who), 0);
            }
        });
    }
}

// SPDX-License-Identifier: Apache-2.0

//! Conservation: random sequences of calls by two experts and the board. Whatever happens, what
//! somebody owns, free or on hold, only shrinks by what was slashed, and the state stays sound.

use std::collections::BTreeMap;

use cso_primitives::{ModelCommitment, SealingPublicKey};
use frame_support::traits::fungible::Inspect;
use proptest::prelude::*;

use crate::{mock::*, Event};

#[derive(Clone, Debug)]
enum Step {
    Apply { who: u64, workers: Vec<u64>, price: u64 },
    Update { who: u64, price: u64 },
    SetWorkers { who: u64, workers: Vec<u64> },
    Withdraw { who: u64 },
    Publish { who: u64, len: usize },
    Retire { who: u64, protocol: u32 },
    TopUp { who: u64 },
    Accredit { who: u64, until: u64 },
    Suspend { who: u64 },
    Reinstate { who: u64 },
    Revoke { who: u64 },
    Slash { who: u64, amount: u64 },
    Spend { who: u64 },
    Bond { bond: u64 },
    Open { experts: Vec<u64> },
    Wait { blocks: u64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = EXPERT..=OTHER_EXPERT;
    let workers = || proptest::collection::vec(10..14u64, 0..=3);
    let step = prop_oneof![
        4 => (who.clone(), workers(), 5..100u64)
            .prop_map(|(who, workers, price)| Step::Apply { who, workers, price }),
        1 => (who.clone(), 5..100u64).prop_map(|(who, price)| Step::Update { who, price }),
        2 => (who.clone(), workers()).prop_map(|(who, workers)| Step::SetWorkers { who, workers }),
        2 => who.clone().prop_map(|who| Step::Withdraw { who }),
        4 => (who.clone(), 0..64usize).prop_map(|(who, len)| Step::Publish { who, len }),
        2 => (who.clone(), 0..8u32).prop_map(|(who, protocol)| Step::Retire { who, protocol }),
        2 => who.clone().prop_map(|who| Step::TopUp { who }),
        3 => (who.clone(), 1..50u64).prop_map(|(who, until)| Step::Accredit { who, until }),
        1 => who.clone().prop_map(|who| Step::Suspend { who }),
        1 => who.clone().prop_map(|who| Step::Reinstate { who }),
        1 => who.clone().prop_map(|who| Step::Revoke { who }),
        2 => (who.clone(), 0..1_500u64).prop_map(|(who, amount)| Step::Slash { who, amount }),
        1 => who.prop_map(|who| Step::Spend { who }),
        1 => (10..2_000u64).prop_map(|bond| Step::Bond { bond }),
        1 => proptest::collection::vec(EXPERT..=OTHER_EXPERT, 0..2)
            .prop_map(|experts| Step::Open { experts }),
        1 => (1..20u64).prop_map(|blocks| Step::Wait { blocks }),
    ];
    proptest::collection::vec(step, 1..60)
}

/// Whether the call succeeds is for the other tests; here anything may happen, as long as nobody's
/// money is lost.
fn take(step: Step) {
    let signed = RuntimeOrigin::signed;
    let board = RuntimeOrigin::root;
    let _ = match step {
        Step::Apply { who, workers, price } => Experts::apply(
            signed(who),
            b"wss://expert.example".to_vec().try_into().unwrap(),
            Box::new(SealingPublicKey::repeat(7)),
            workers.try_into().unwrap(),
            price,
        ),
        Step::Update { who, price } => Experts::update(signed(who), None, None, Some(price)),
        Step::SetWorkers { who, workers } => {
            Experts::set_workers(signed(who), workers.try_into().unwrap())
        }
        Step::Withdraw { who } => {
            Experts::withdraw(signed(who)).map(|_| ()).map_err(|error| error.error)
        }
        Step::Publish { who, len } => Experts::publish(
            signed(who),
            vec![1; len].try_into().unwrap(),
            ModelCommitment::default(),
        ),
        Step::Retire { who, protocol } => Experts::retire(signed(who), protocol),
        Step::TopUp { who } => Experts::top_up(signed(who)),
        Step::Accredit { who, until } => Experts::accredit(board(), who, until),
        Step::Suspend { who } => Experts::suspend(board(), who),
        Step::Reinstate { who } => Experts::reinstate(board(), who),
        Step::Revoke { who } => Experts::revoke(board(), who),
        Step::Slash { who, amount } => Experts::slash(board(), who, amount),
        Step::Spend { who } => Balances::transfer_keep_alive(signed(who), STRANGER, 400_000),
        Step::Bond { bond } => {
            RequiredBond::set(bond);
            Ok(())
        }
        Step::Open { experts } => {
            Open::set(&experts);
            Ok(())
        }
        Step::Wait { blocks } => {
            System::set_block_number(System::block_number() + blocks);
            Ok(())
        }
    };
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..Default::default() })]

    #[test]
    fn no_sequence_of_calls_loses_or_creates_money(steps in steps()) {
        Ext::empty().execute_with(|| {
            let accounts = [EXPERT, OTHER_EXPERT, BOARD, STRANGER, POOR];
            let mut owned: BTreeMap<u64, u64> =
                accounts.iter().map(|who| (*who, Balances::total_balance(who))).collect();
            for step in steps {
                take(step);
                for record in System::events() {
                    match record.event {
                        RuntimeEvent::Experts(Event::Slashed { expert, amount }) => {
                            *owned.get_mut(&expert).unwrap() -= amount;
                        }
                        RuntimeEvent::Balances(pallet_balances::Event::Transfer {
                            from,
                            to,
                            amount,
                        }) => {
                            *owned.get_mut(&from).unwrap() -= amount;
                            *owned.get_mut(&to).unwrap() += amount;
                        }
                        _ => {}
                    }
                }
                System::reset_events();
                for (who, owned) in &owned {
                    assert_eq!(Balances::total_balance(who), *owned);
                }
                assert_eq!(Balances::total_issuance(), owned.values().sum::<u64>());
                Experts::do_try_state().unwrap();
            }
        });
    }
}

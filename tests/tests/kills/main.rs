// SPDX-License-Identifier: Apache-2.0

//! Killed anywhere, nothing is lost and nothing is paid twice: real wallets die at named points of
//! consultations, and their patients go on. What became of it is read from the chain.
//!
//! | module | what |
//! |---|---|
//! | `points` | where they die |
//! | `story` | how a patient goes on, and what must be true then |
//! | `stage` | the node, the expert, and the chain as somebody sees it who has no wallet |
//!
//! It takes minutes and `strace`, so it's left out unless asked for: `scripts/kills.sh`.

mod points;
mod stage;
mod story;

use points::{plans, Plan};
use stage::Stage;
use std::{
    collections::BTreeSet,
    panic::{catch_unwind, AssertUnwindSafe},
    sync::{
        atomic::{AtomicUsize, Ordering},
        Mutex,
    },
    time::Instant,
};
use story::Story;

/// Who gives patients their money; as many consultations go on at once.
const FUNDERS: [&str; 3] = ["//Dave", "//Eve", "//Ferdie"];

/// A consultation that has ended: its rows of the table, and what went wrong.
struct Ended {
    number: usize,
    rows: Vec<String>,
    error: Option<String>,
}

fn live(stage: &Stage, plan: &Plan, number: usize, funder: &cso_tests::Actor) -> Ended {
    let mut story = Story::new(stage, plan, number);
    // What panics is told like what fails; the other consultations go on.
    let lived = catch_unwind(AssertUnwindSafe(|| story.live(funder)));
    let error = match lived {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error),
        Err(_) => Some("it panicked, see above".to_owned()),
    };
    let rows = plan.points.iter().map(|point| {
        let is_reached = story
            .reached
            .iter()
            .any(|reached| (reached.command, reached.place) == (point.command, point.place));
        let (left, verdict) = match (is_reached, &error) {
            (false, _) => ("-".to_owned(), "NOT REACHED"),
            (true, None) => (format!("{:?}", point.left).to_lowercase(), "ok"),
            (true, Some(_)) => (format!("{:?}", point.left).to_lowercase(), "FAILED"),
        };
        format!("{number:>3}  {:<92}  {left:<9}  {verdict}", point.to_string())
    });
    Ended { number, rows: rows.collect(), error }
}

#[test]
fn killed_anywhere_nothing_is_lost_and_nothing_is_paid_twice() {
    if let Err(error) = cso_tests::require_strace() {
        panic!("{error}");
    }
    let begin = Instant::now();
    let stage = Stage::set();
    let plans = plans();
    let next = AtomicUsize::new(0);
    let ended = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for suri in FUNDERS {
            let (stage, plans, next, ended) = (&stage, &plans, &next, &ended);
            scope.spawn(move || {
                let funder = stage.funder(suri);
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    let Some(plan) = plans.get(number) else { return };
                    let one = live(stage, plan, number, &funder);
                    ended.lock().expect("nobody panics with it").push(one);
                }
            });
        }
    });
    let mut ended = ended.into_inner().expect("nobody panicked with it");
    ended.sort_by_key(|one| one.number);
    println!("\n  #  {:<92}  {:<9}  verdict", "killed", "left");
    for row in ended.iter().flat_map(|one| &one.rows) {
        println!("{row}");
    }
    let points: Vec<_> = plans.iter().flat_map(|plan| &plan.points).collect();
    let names: BTreeSet<_> = points.iter().map(|point| point.to_string()).collect();
    let (points, kills) = (names.len(), points.len());
    let took = begin.elapsed().as_secs();
    println!("{points} points, {kills} kills in {} consultations, {took} s", plans.len());
    let errors: Vec<_> = ended
        .iter()
        .filter_map(|one| Some(format!("consultation {}: {}", one.number, one.error.as_ref()?)))
        .collect();
    assert!(errors.is_empty(), "{} went wrong:\n{}", errors.len(), errors.join("\n"));
    stage.require_settled(plans.iter().filter(|plan| plan.is_paid).count());
}

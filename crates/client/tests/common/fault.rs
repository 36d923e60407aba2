// SPDX-License-Identifier: Apache-2.0
//! When something outside fails.

use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Before it has done anything.
    Before,
    /// After it was done: the answer is lost.
    After,
}

/// Counts everything that goes outside, and fails one of them.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    count: Cell<usize>,
    planned: Cell<Option<(usize, Fault)>>,
    fired: Cell<bool>,
    turns: Cell<bool>,
}

/// Pending once, so that somebody else gets a turn.
struct Turn(bool);

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Faults {
    /// Fails the operation of that number, counted from 0 from now on.
    pub(crate) fn plan(&self, number: usize, fault: Fault) {
        self.count.set(0);
        self.fired.set(false);
        self.planned.set(Some((number, fault)));
    }

    /// From now on commands take turns: each operation that goes outside is a point at which
    /// another may come between, or the program be killed, before it's done and after.
    pub(crate) fn take_turns(&self) {
        self.turns.set(true);
    }

    /// Such a point.
    pub(crate) async fn turn(&self) {
        if self.turns.get() {
            Turn(false).await;
        }
    }

    /// Nothing fails from now on.
    pub(crate) fn clear(&self) {
        self.planned.set(None);
    }

    /// Whether the planned failure has come.
    pub(crate) fn fired(&self) -> bool {
        self.fired.get()
    }

    /// Operations since the last plan.
    pub(crate) fn count(&self) -> usize {
        self.count.get()
    }

    /// The failure of the operation that begins now.
    pub(crate) fn next(&self) -> Option<Fault> {
        let number = self.count.replace(self.count.get() + 1);
        match self.planned.get() {
            Some((at, fault)) if at == number => {
                self.fired.set(true);
                Some(fault)
            }
            _ => None,
        }
    }
}

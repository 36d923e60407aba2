// SPDX-License-Identifier: Apache-2.0
//! When something outside fails.

use std::cell::Cell;

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
}

impl Faults {
    /// Fails the operation of that number, counted from 0 from now on.
    pub(crate) fn plan(&self, number: usize, fault: Fault) {
        self.count.set(0);
        self.fired.set(false);
        self.planned.set(Some((number, fault)));
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

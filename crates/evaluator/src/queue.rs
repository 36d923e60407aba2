// SPDX-License-Identifier: Apache-2.0

//! Which consultations are known, in which state, and who is next.
//!
//! A plain data structure: no locks, no clock of its own.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::consultation::{Consultation, Receipt};

/// All consultations that the evaluator knows, at most `capacity` of them. Those that wait for
/// delivery count as well, so that an expert whose worker cannot submit stops taking on more.
pub(crate) struct Queue {
    capacity: usize,
    entries: BTreeMap<u64, State>,
}

enum State {
    /// To be attempted from `due` on.
    Waiting { due: Instant, consultation: Box<Consultation> },
    /// A thread is at it.
    Running,
    /// Has its outcome; to be looked up on the chain from `due` on, if its head isn't `checked`.
    Done { due: Instant, checked: Option<[u8; 32]>, done: Arc<Done> },
}

/// A consultation with its outcome.
pub(crate) struct Done {
    /// The encoded outcome.
    pub(crate) outcome: Vec<u8>,
    /// What to acknowledge once the consultation no longer waits for an answer.
    pub(crate) receipt: Option<Receipt>,
}

/// What became of a number that was enqueued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Enqueued {
    /// New.
    Accepted,
    /// Known already, in whatever state.
    Known,
    /// No room.
    Full,
}

/// What a thread is to do next.
pub(crate) enum Work {
    /// Attempt this consultation, then [`Queue::postpone`], [`Queue::finish`] or
    /// [`Queue::forget`] it.
    Attempt(Box<Consultation>),
    /// See whether the consultation still waits for an answer on chain: then say
    /// [`Queue::checked`], else [`Queue::forget`] it.
    Check {
        id: u64,
        /// The finalised head that it was waiting at.
        checked: Option<[u8; 32]>,
        done: Arc<Done>,
    },
}

impl Queue {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, entries: BTreeMap::new() }
    }

    pub(crate) fn enqueue(&mut self, id: u64, now: Instant) -> Enqueued {
        if self.entries.contains_key(&id) {
            return Enqueued::Known;
        }
        if self.entries.len() >= self.capacity {
            return Enqueued::Full;
        }
        self.put_back(Box::new(Consultation::new(id, now)), now);
        Enqueued::Accepted
    }

    /// What is due at `now`: the longest due first, of equals the oldest consultation.
    pub(crate) fn next(&mut self, now: Instant, poll: Duration) -> Option<Work> {
        let (due, id) = self.earliest()?;
        if due > now {
            return None;
        }
        let state = self.entries.get_mut(&id)?;
        if let State::Done { due, checked, done } = state {
            *due = now + poll;
            return Some(Work::Check { id, checked: *checked, done: done.clone() });
        }
        match std::mem::replace(state, State::Running) {
            State::Waiting { consultation, .. } => Some(Work::Attempt(consultation)),
            State::Running | State::Done { .. } => None,
        }
    }

    /// When something is due next; `None` if nothing will be by itself.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.earliest().map(|(due, _)| due)
    }

    fn earliest(&self) -> Option<(Instant, u64)> {
        self.entries
            .iter()
            .filter_map(|(id, state)| match state {
                State::Waiting { due, .. } | State::Done { due, .. } => Some((*due, *id)),
                State::Running => None,
            })
            .min()
    }

    /// The consultation is to be attempted again from `due` on.
    pub(crate) fn put_back(&mut self, consultation: Box<Consultation>, due: Instant) {
        self.entries.insert(consultation.id, State::Waiting { due, consultation });
    }

    /// The consultation has its outcome, reached when it was waiting at the finalised head
    /// `checked`.
    pub(crate) fn finish(&mut self, id: u64, done: Done, checked: Option<[u8; 32]>, due: Instant) {
        let done = Arc::new(done);
        self.entries.insert(id, State::Done { due, checked, done });
    }

    /// The consultation was still waiting at the finalised head `head`.
    pub(crate) fn checked(&mut self, id: u64, head: Option<[u8; 32]>) {
        if let Some(State::Done { checked, .. }) = self.entries.get_mut(&id) {
            *checked = head;
        }
    }

    /// The consultation is no concern any more.
    pub(crate) fn forget(&mut self, id: u64) {
        self.entries.remove(&id);
    }

    /// The outcome, if there is one.
    pub(crate) fn outcome(&self, id: u64) -> Option<Vec<u8>> {
        match self.entries.get(&id)? {
            State::Done { done, .. } => Some(done.outcome.clone()),
            State::Waiting { .. } | State::Running => None,
        }
    }

    /// How many wait for an attempt or are in one, and how many have their outcome.
    pub(crate) fn lengths(&self) -> Lengths {
        let done =
            self.entries.values().filter(|state| matches!(state, State::Done { .. })).count();
        Lengths { pending: self.entries.len() - done, done }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }
}

/// How full a queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lengths {
    /// Consultations without outcome.
    pub(crate) pending: usize,
    /// Consultations with an outcome that still wait for an answer on chain.
    pub(crate) done: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLL: Duration = Duration::from_millis(250);
    const SECOND: Duration = Duration::from_secs(1);

    fn attempt(queue: &mut Queue, now: Instant) -> Option<Box<Consultation>> {
        match queue.next(now, POLL)? {
            Work::Attempt(consultation) => Some(consultation),
            Work::Check { id, .. } => panic!("{id} is checked, not attempted"),
        }
    }

    fn done() -> Done {
        Done { outcome: vec![1, 0], receipt: None }
    }

    #[test]
    fn enqueueing_again_changes_nothing_in_any_state() {
        let now = Instant::now();
        let mut queue = Queue::new(4);
        assert_eq!(queue.enqueue(7, now), Enqueued::Accepted);
        assert_eq!(queue.enqueue(7, now), Enqueued::Known);
        let consultation = attempt(&mut queue, now).unwrap();
        assert_eq!(queue.enqueue(7, now), Enqueued::Known);
        assert!(attempt(&mut queue, now).is_none(), "it runs already");
        queue.finish(consultation.id, done(), None, now + SECOND);
        assert_eq!(queue.enqueue(7, now), Enqueued::Known);
        assert_eq!(queue.outcome(7), Some(vec![1, 0]));
    }

    #[test]
    fn a_full_queue_takes_no_more_until_something_is_forgotten() {
        let now = Instant::now();
        let mut queue = Queue::new(2);
        queue.enqueue(1, now);
        queue.enqueue(2, now);
        assert_eq!(queue.enqueue(3, now), Enqueued::Full);
        assert_eq!(queue.enqueue(2, now), Enqueued::Known);
        attempt(&mut queue, now).unwrap();
        queue.finish(1, done(), None, now + SECOND);
        assert_eq!(queue.enqueue(3, now), Enqueued::Full);
        queue.forget(1);
        assert_eq!(queue.enqueue(3, now), Enqueued::Accepted);
    }

    #[test]
    fn longest_due_comes_first_then_the_oldest_number() {
        let now = Instant::now();
        let mut queue = Queue::new(4);
        queue.enqueue(5, now);
        queue.enqueue(4, now);
        queue.enqueue(3, now + SECOND);
        let order: Vec<u64> =
            (0..3).map(|_| attempt(&mut queue, now + SECOND).unwrap().id).collect();
        assert_eq!(order, [4, 5, 3]);
    }

    #[test]
    fn what_was_put_back_waits_until_it_is_due() {
        let now = Instant::now();
        let mut queue = Queue::new(4);
        queue.enqueue(1, now);
        let consultation = attempt(&mut queue, now).unwrap();
        assert_eq!(queue.next_due(), None);
        queue.put_back(consultation, now + SECOND);
        assert!(attempt(&mut queue, now).is_none());
        assert_eq!(queue.next_due(), Some(now + SECOND));
        assert!(attempt(&mut queue, now + SECOND).is_some());
    }

    #[test]
    fn done_is_checked_once_a_poll_and_can_be_taken_meanwhile() {
        let now = Instant::now();
        let mut queue = Queue::new(4);
        queue.enqueue(1, now);
        attempt(&mut queue, now).unwrap();
        queue.finish(1, done(), None, now);
        let check = |queue: &mut Queue, now| match queue.next(now, POLL) {
            Some(Work::Check { id: 1, checked, .. }) => checked,
            _ => panic!("consultation 1 is due for a check"),
        };
        assert_eq!(check(&mut queue, now), None);
        queue.checked(1, Some([7; 32]));
        assert!(queue.next(now, POLL).is_none());
        assert!(queue.outcome(1).is_some());
        assert_eq!(check(&mut queue, now + POLL), Some([7; 32]));
        assert_eq!(queue.lengths(), Lengths { pending: 0, done: 1 });
    }
}

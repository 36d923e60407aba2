// SPDX-License-Identifier: Apache-2.0
//! A place for the wallet in memory.

use super::{Fault, Faults};
use cso_client::vault::{Storage, StorageError};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// What lies there.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    pub wallet: Option<Vec<u8>>,
    pub records: BTreeMap<String, Vec<u8>>,
    /// Whether they have lain there for long.
    pub settled: bool,
    /// Whether those who use it don't see each other: copies of one wallet on several computers.
    pub copied: bool,
}

/// A place that several programs may use.
#[derive(Clone, Debug)]
pub(crate) struct MemoryStorage {
    pub shelf: Rc<RefCell<Shelf>>,
    /// Consultations that somebody works on.
    held: Rc<RefCell<BTreeSet<String>>>,
    faults: Rc<Faults>,
}

impl MemoryStorage {
    pub(crate) fn new(faults: &Rc<Faults>) -> Self {
        Self { shelf: Rc::default(), held: Rc::default(), faults: faults.clone() }
    }

    /// The same shelf, reached by somebody who always gets there at once.
    pub(crate) fn without_faults(&self) -> Self {
        Self { faults: Rc::default(), ..self.clone() }
    }

    async fn act<T>(&self, act: impl FnOnce(&mut Shelf) -> T) -> Result<T, StorageError> {
        let lost = || StorageError::System {
            action: "reach",
            place: self.place(),
            reason: "the test says so".into(),
        };
        self.faults.turn().await;
        let result = match self.faults.next() {
            Some(Fault::Before) => Err(lost()),
            Some(Fault::After) => {
                act(&mut self.shelf.borrow_mut());
                Err(lost())
            }
            None => Ok(act(&mut self.shelf.borrow_mut())),
        };
        self.faults.turn().await;
        result
    }
}

/// A consultation that somebody works on.
#[derive(Debug)]
pub(crate) struct Hold(Rc<RefCell<BTreeSet<String>>>, String);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.borrow_mut().remove(&self.1);
    }
}

impl Storage for MemoryStorage {
    type Hold = Option<Hold>;

    async fn hold(&self, handle: &str) -> Result<Self::Hold, StorageError> {
        self.act(|shelf| {
            if shelf.copied {
                return Ok(None);
            }
            match self.held.borrow_mut().insert(handle.to_owned()) {
                true => Ok(Some(Hold(self.held.clone(), handle.to_owned()))),
                false => Err(StorageError::Held(handle.to_owned())),
            }
        })
        .await?
    }

    fn place(&self) -> String {
        "the shelf".into()
    }

    async fn read(&self) -> Result<Option<Vec<u8>>, StorageError> {
        self.act(|shelf| shelf.wallet.clone()).await
    }

    async fn replace(&self, expected: Option<&[u8]>, new: &[u8]) -> Result<(), StorageError> {
        self.act(|shelf| {
            if shelf.wallet.as_deref() != expected {
                return Err(StorageError::Changed(self.place()));
            }
            shelf.wallet = Some(new.to_vec());
            Ok(())
        })
        .await?
    }

    async fn put_record(&self, handle: &str, record: &[u8]) -> Result<(), StorageError> {
        self.act(|shelf| {
            shelf.records.insert(handle.to_owned(), record.to_vec());
        })
        .await
    }

    async fn record(&self, handle: &str) -> Result<Option<Vec<u8>>, StorageError> {
        self.act(|shelf| shelf.records.get(handle).cloned()).await
    }

    async fn records(&self) -> Result<Vec<String>, StorageError> {
        self.act(|shelf| match shelf.settled {
            true => shelf.records.keys().cloned().collect(),
            false => Vec::new(),
        })
        .await
    }

    async fn remove_record(&self, handle: &str) -> Result<(), StorageError> {
        self.act(|shelf| {
            shelf.records.remove(handle);
        })
        .await
    }
}

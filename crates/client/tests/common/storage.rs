// SPDX-License-Identifier: Apache-2.0
//! A place for the wallet in memory.

use super::{Fault, Faults};
use cso_client::vault::{Storage, StorageError};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

/// What lies there.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    pub wallet: Option<Vec<u8>>,
    pub records: BTreeMap<String, Vec<u8>>,
}

/// A place that several programs may use.
#[derive(Clone, Debug)]
pub(crate) struct MemoryStorage {
    pub shelf: Rc<RefCell<Shelf>>,
    faults: Rc<Faults>,
}

impl MemoryStorage {
    pub(crate) fn new(faults: &Rc<Faults>) -> Self {
        Self { shelf: Rc::default(), faults: faults.clone() }
    }

    fn act<T>(&self, act: impl FnOnce(&mut Shelf) -> T) -> Result<T, StorageError> {
        let lost = || StorageError::System {
            action: "reach",
            place: self.place(),
            reason: "the test says so".into(),
        };
        match self.faults.next() {
            Some(Fault::Before) => Err(lost()),
            Some(Fault::After) => {
                act(&mut self.shelf.borrow_mut());
                Err(lost())
            }
            None => Ok(act(&mut self.shelf.borrow_mut())),
        }
    }
}

impl Storage for MemoryStorage {
    fn place(&self) -> String {
        "the shelf".into()
    }

    async fn read(&self) -> Result<Option<Vec<u8>>, StorageError> {
        self.act(|shelf| shelf.wallet.clone())
    }

    async fn replace(&self, expected: Option<&[u8]>, new: &[u8]) -> Result<(), StorageError> {
        self.act(|shelf| {
            if shelf.wallet.as_deref() != expected {
                return Err(StorageError::Changed(self.place()));
            }
            shelf.wallet = Some(new.to_vec());
            Ok(())
        })?
    }

    async fn put_record(&self, handle: &str, record: &[u8]) -> Result<(), StorageError> {
        self.act(|shelf| {
            shelf.records.insert(handle.to_owned(), record.to_vec());
        })
    }

    async fn record(&self, handle: &str) -> Result<Option<Vec<u8>>, StorageError> {
        self.act(|shelf| shelf.records.get(handle).cloned())
    }

    async fn remove_record(&self, handle: &str) -> Result<(), StorageError> {
        self.act(|shelf| {
            shelf.records.remove(handle);
        })
    }
}

// SPDX-License-Identifier: Apache-2.0

//! What all consultations share: the node, the expert, and the chain as somebody sees it who has no
//! wallet.

use cso_tests::{data, own_answers, protocol_file, Actor, Expert, Node};
use serde_json::{json, Value};
use std::time::Duration;

/// Consultations in the chain's state: `twox128("Consultations") ++ twox128("Consultations")`.
const CONSULTATIONS: &str = "0xb354286f03567e6194a4fd065ca37450b354286f03567e6194a4fd065ca37450";

/// The number of the next consultation: `twox128("Consultations") ++ twox128("NextId")`.
const NEXT_ID: &str = "0xb354286f03567e6194a4fd065ca37450cabd82b01c9d6a3b4a0f8c35f1f73b93";

/// One CSO in the smallest unit.
pub(crate) const CSO: u128 = 10u128.pow(12);

/// The price that [`Expert`] asks.
pub(crate) const FEE: u128 = 5 * CSO;

pub(crate) struct Stage {
    pub(crate) node: Node,
    pub(crate) expert: Expert,
    pub(crate) protocol: String,
    /// Anna's history.
    pub(crate) bundle: String,
    /// What the model makes of it in clear.
    pub(crate) outputs: Value,
    expert_before: u128,
}

impl Stage {
    pub(crate) fn set() -> Self {
        let (node, expert, published) = Expert::ready(&[], &["cha2ds2-vasc"]);
        let protocol = published.into_iter().next().expect("one protocol");
        let text = |path: std::path::PathBuf| path.to_str().expect("a path of text").to_owned();
        let bundle = text(data("bundle-anna.json"));
        let file = text(protocol_file("cha2ds2-vasc"));
        let eval = ["protocol", "eval", "--model", &file, "--bundle", &bundle];
        let how = ["--assume-no", "--today", "2026-11-23"];
        let clear = expert.actor.cso(&[&eval[..], &how, &own_answers("cha2ds2-vasc")].concat());
        let expert_before = expert.actor.total("me");
        Self { node, expert, protocol, bundle, outputs: clear["outputs"].clone(), expert_before }
    }

    /// A person with a lot of money.
    pub(crate) fn funder(&self, suri: &str) -> Actor {
        Actor::with_account(&self.node, suri)
    }

    /// How many consultations on chain are about this record: its commitment stands in each.
    pub(crate) fn consultations_on(&self, record: &str) -> usize {
        let commitment = record.trim_start_matches("0x");
        let keys = self.node.rpc("state_getKeysPaged", json!([CONSULTATIONS, 1000]));
        let keys = keys.as_array().expect("a list of keys");
        keys.iter()
            .filter(|key| {
                let value = self.node.rpc("state_getStorage", json!([key]));
                value.as_str().is_some_and(|value| value.contains(commitment))
            })
            .count()
    }

    /// Waits until what is in a block now is final.
    pub(crate) fn wait_until_final(&self) {
        let best = self.number(&json!([]));
        self.node.wait_until("the best block is final", Duration::from_secs(60), || {
            let head = self.node.rpc("chain_getFinalizedHead", json!([]));
            self.number(&json!([head])) >= best
        });
    }

    /// The number of a block.
    fn number(&self, which: &Value) -> u64 {
        let header = self.node.rpc("chain_getHeader", which.clone());
        let digits = header["number"].as_str().expect("a header has a number");
        let number = u64::from_str_radix(digits.trim_start_matches("0x"), 16);
        number.expect("the node writes hexadecimal digits")
    }

    /// How many consultations the chain has had.
    fn consultations(&self) -> u64 {
        let value = self.node.rpc("state_getStorage", json!([NEXT_ID]));
        let digits = value.as_str().unwrap_or("0x").trim_start_matches("0x").to_owned();
        // Little endian.
        (0..digits.len() / 2).rev().fold(0, |number, byte| {
            let byte = u64::from_str_radix(&digits[2 * byte..2 * byte + 2], 16);
            number << 8 | byte.expect("the node writes hexadecimal digits")
        })
    }

    /// What must be true in the end, after so many opinions that were paid.
    pub(crate) fn require_settled(&self, paid: usize) {
        assert_eq!(self.consultations(), paid as u64, "consultations that the chain has had");
        let earned = self.expert.actor.total("me") - self.expert_before;
        assert_eq!(earned, paid as u128 * FEE, "what the expert has earned");
        self.node.wait_until("the pool is empty", Duration::from_secs(60), || {
            self.node.rpc("hop_poolStatus", json!([]))["entryCount"] == 0
        });
    }
}

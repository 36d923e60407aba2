// SPDX-License-Identifier: Apache-2.0
//! The calls the wallet makes. Arguments are encoded by the types in the chain's metadata.

use crate::amount::Amount;
use subxt::{
    dynamic::{self, Value},
    tx::Payload,
    utils::{AccountId32, MultiAddress},
};

type To = MultiAddress<AccountId32, ()>;

/// `Balances.transfer_keep_alive`.
pub fn transfer(to: AccountId32, amount: Amount) -> impl Payload {
    dynamic::tx("Balances", "transfer_keep_alive", (To::Id(to), amount.0))
}

/// `Balances.transfer_all`: leaves nothing, not even the account.
pub fn transfer_all(to: AccountId32) -> impl Payload {
    dynamic::tx("Balances", "transfer_all", (To::Id(to), false))
}

/// `Experts.apply`.
pub fn apply(
    endpoint: &str,
    sealing_key: &[u8],
    workers: Vec<AccountId32>,
    price: Amount,
) -> impl Payload {
    let arguments = (
        Value::from_bytes(endpoint),
        Value::from_bytes(sealing_key),
        Value::unnamed_composite(workers.iter().map(|worker| Value::from_bytes(worker.0))),
        Value::u128(price.0),
    );
    dynamic::tx("Experts", "apply", arguments)
}

/// `Experts.update`.
pub fn update(
    endpoint: Option<&str>,
    sealing_key: Option<&[u8]>,
    price: Option<Amount>,
) -> impl Payload {
    let arguments = (
        option(endpoint.map(Value::from_bytes)),
        option(sealing_key.map(Value::from_bytes)),
        option(price.map(|price| Value::u128(price.0))),
    );
    dynamic::tx("Experts", "update", arguments)
}

/// `Experts.set_workers`.
pub fn set_workers(workers: &[AccountId32]) -> impl Payload {
    let workers =
        Value::unnamed_composite(workers.iter().map(|worker| Value::from_bytes(worker.0)));
    dynamic::tx("Experts", "set_workers", (workers,))
}

/// `Experts.withdraw`.
pub fn withdraw() -> impl Payload {
    dynamic::tx("Experts", "withdraw", ())
}

/// `Experts.top_up`.
pub fn top_up() -> impl Payload {
    dynamic::tx("Experts", "top_up", ())
}

/// `Experts.publish`.
pub fn publish(description: &str, model: [u8; 32]) -> impl Payload {
    let arguments = (Value::from_bytes(description), Value::from_bytes(model));
    dynamic::tx("Experts", "publish", arguments)
}

/// `Experts.retire`.
pub fn retire(protocol: u32) -> impl Payload {
    dynamic::tx("Experts", "retire", (protocol,))
}

/// `Experts.accredit`.
pub fn accredit(expert: AccountId32, until: u32) -> impl Payload {
    dynamic::tx("Experts", "accredit", (expert, until))
}

/// `Experts.suspend`.
pub fn suspend(expert: AccountId32) -> impl Payload {
    dynamic::tx("Experts", "suspend", (expert,))
}

/// `Experts.reinstate`.
pub fn reinstate(expert: AccountId32) -> impl Payload {
    dynamic::tx("Experts", "reinstate", (expert,))
}

/// `Experts.revoke`.
pub fn revoke(expert: AccountId32) -> impl Payload {
    dynamic::tx("Experts", "revoke", (expert,))
}

/// `Experts.slash`.
pub fn slash(expert: AccountId32, amount: Amount) -> impl Payload {
    dynamic::tx("Experts", "slash", (expert, amount.0))
}

/// `Consultations.request`.
pub fn request(
    expert: AccountId32,
    record: [u8; 32],
    envelope: &[u8],
    fee: Amount,
    deadline: u32,
) -> impl Payload {
    let arguments = (
        Value::from_bytes(expert.0),
        Value::from_bytes(record),
        Value::from_bytes(envelope),
        Value::u128(fee.0),
        Value::u128(deadline.into()),
    );
    dynamic::tx("Consultations", "request", arguments)
}

/// `Consultations.accept`, `settle`, `expire` or `erase`.
pub fn close(call: &'static str, id: u64) -> impl Payload {
    dynamic::tx("Consultations", call, (id,))
}

fn option(value: Option<Value>) -> Value {
    match value {
        Some(value) => Value::unnamed_variant("Some", [value]),
        None => Value::unnamed_variant("None", []),
    }
}

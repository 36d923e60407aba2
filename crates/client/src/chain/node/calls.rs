// SPDX-License-Identifier: Apache-2.0
//! How calls are encoded: by the types in the chain's metadata.

use super::super::Call;
use crate::{address::AccountId, amount::Amount};
use subxt::{
    dynamic::{self, Value},
    ext::scale_value::Composite,
    tx::DynamicPayload,
};

/// A call with its arguments in order.
pub(super) type Encoded = DynamicPayload<Composite<()>>;

/// The call as subxt encodes it.
pub(super) fn encode(call: &Call) -> Encoded {
    let (pallet, name, arguments) = parts(call);
    dynamic::tx(pallet, name, Composite::unnamed(arguments))
}

fn parts(call: &Call) -> (&'static str, &'static str, Vec<Value>) {
    match call {
        Call::Transfer { to, amount: sum } => {
            ("Balances", "transfer_keep_alive", vec![target(to), amount(*sum)])
        }
        Call::TransferAll { to } => {
            ("Balances", "transfer_all", vec![target(to), Value::bool(false)])
        }
        Call::Apply { endpoint, sealing_key, workers, price } => (
            "Experts",
            "apply",
            vec![
                Value::from_bytes(endpoint),
                Value::from_bytes(&**sealing_key),
                accounts(workers),
                amount(*price),
            ],
        ),
        Call::Update { endpoint, sealing_key, price } => (
            "Experts",
            "update",
            vec![
                option(endpoint.as_ref().map(Value::from_bytes)),
                option(sealing_key.as_ref().map(|key| Value::from_bytes(&**key))),
                option(price.map(amount)),
            ],
        ),
        Call::SetWorkers { workers } => ("Experts", "set_workers", vec![accounts(workers)]),
        Call::Withdraw => ("Experts", "withdraw", vec![]),
        Call::TopUp => ("Experts", "top_up", vec![]),
        Call::Publish { description, model } => {
            ("Experts", "publish", vec![Value::from_bytes(description), Value::from_bytes(model)])
        }
        Call::Retire { protocol } => ("Experts", "retire", vec![Value::from(*protocol)]),
        Call::Accredit { expert, until } => {
            ("Experts", "accredit", vec![account(expert), Value::from(*until)])
        }
        Call::Suspend { expert } => ("Experts", "suspend", vec![account(expert)]),
        Call::Reinstate { expert } => ("Experts", "reinstate", vec![account(expert)]),
        Call::Revoke { expert } => ("Experts", "revoke", vec![account(expert)]),
        Call::Slash { expert, amount: sum } => {
            ("Experts", "slash", vec![account(expert), amount(*sum)])
        }
        Call::Request { expert, record, envelope, fee, deadline } => (
            "Consultations",
            "request",
            vec![
                account(expert),
                Value::from_bytes(record),
                Value::from_bytes(envelope),
                amount(*fee),
                Value::from(*deadline),
            ],
        ),
        Call::Accept { id } => ("Consultations", "accept", vec![Value::from(*id)]),
        Call::Settle { id } => ("Consultations", "settle", vec![Value::from(*id)]),
        Call::Expire { id } => ("Consultations", "expire", vec![Value::from(*id)]),
        Call::Erase { id } => ("Consultations", "erase", vec![Value::from(*id)]),
    }
}

/// `MultiAddress::Id`.
fn target(account_id: &AccountId) -> Value {
    Value::unnamed_variant("Id", [account(account_id)])
}

fn account(account: &AccountId) -> Value {
    Value::from_bytes(account.0)
}

fn accounts(list: &[AccountId]) -> Value {
    Value::unnamed_composite(list.iter().map(account))
}

fn amount(amount: Amount) -> Value {
    Value::u128(amount.0)
}

fn option(value: Option<Value>) -> Value {
    match value {
        Some(value) => Value::unnamed_variant("Some", [value]),
        None => Value::unnamed_variant("None", []),
    }
}

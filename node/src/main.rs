// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0

//! `cso-node`: the node of the Confidential Second Opinion chain.
//!
//! The same program serves a validator, a plain full node and an expert. An expert's node also has
//! a directory with the expert's private models (`--expert-dir`): it takes patients' encrypted
//! records into a pool and evaluates models on them.
//!
//! | module | duty |
//! |---|---|
//! | `cli`, `command` | flags and subcommands |
//! | `chain_spec` | the chains built in |
//! | `service` | puts the parts together and starts them |
//! | `consensus` | what writes and finalises blocks |
//! | `evaluator` | joins the native evaluator to this node's chain and record pool |
//! | `rpc` | what wallets can ask |

// The errors of sc-cli and sc-service are large, and theirs.
#![allow(clippy::result_large_err)]

mod chain_spec;
mod cli;
mod command;
mod components;
mod consensus;
mod evaluator;
#[cfg(test)]
mod reference;
mod rpc;
mod service;

use std::process::ExitCode;

use sc_service::Error as ServiceError;

fn main() -> ExitCode {
    match command::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            match error {
                // Our own messages say by themselves what to do.
                sc_cli::Error::Service(ServiceError::Other(message)) => {
                    eprintln!("error: {message}")
                }
                error => eprintln!("error: {error}"),
            }
            ExitCode::FAILURE
        }
    }
}

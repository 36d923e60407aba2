// SPDX-License-Identifier: Apache-2.0
//! `cso-clinical` turns medicine into bits and points, and results back into medicine.
//!
//! An expert writes a *protocol* file ([`Protocol::from_toml`]): what is asked (the [`intake`]),
//! what comes back (the outputs with their meanings), and the private [`model`]. [`compile()`]
//! turns it into a program for encrypted records. The public part, the [`Description`], goes on
//! chain; with it a patient's wallet reads a FHIR record ([`fhir::import`]), codes the answers
//! as bits ([`Intake::encode`]) and puts the decrypted outputs into words
//! ([`Description::interpret`]).
//!
//! This crate knows no lattices: all contact with `cso_fhe` is in the compiler's back end and its
//! reckoning of costs. It touches no file, socket, clock or thread: callers pass text and today's
//! date.

pub mod compile;
pub mod fhir;
pub mod import;
pub mod intake;
pub mod model;
pub mod protocol;
pub mod report;
pub mod units;

pub use compile::{compile, CompileError, Compiled, Report};
pub use intake::{Answers, Encoded, Intake, IntakeError, Value};
pub use protocol::{Description, Protocol, ProtocolError, Reading};

/// What every face of the product says next to a result.
pub const DISCLAIMER: &str =
    "Research software, not a medical device. Talk to a doctor before you act on a result.";

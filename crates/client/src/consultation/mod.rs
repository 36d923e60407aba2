// SPDX-License-Identifier: Apache-2.0
//! A consultation from the patient's side, as states that each allow the next step.
//!
//! ```text
//!            fund            hand_off             request            open
//! [Prepared] ────▶ [Funded] ──────▶ [HandedOff] ──────▶ [Requested] ────▶ [Opened]
//!     ▲                                  │ interrupted        │ erase
//!     └──────────── take_up ◀────────────┘                    ▼
//!                                                          [Erased]
//! ```
//!
//! | module | step |
//! |---|---|
//! | `offer` | the expert and the protocol, read from the chain and checked |
//! | `filling` | from a FHIR record, texts and typed values to the intake's answers |
//! | `terms` | fee, deadline, question, who pays |
//! | `prepare` | keys, encryption, commitment; saved before anything leaves |
//! | `record` | the encrypted record, from storage or made again |
//! | `funding` | money in the account that asks |
//! | `request` | hand-off, envelope, transaction; goes on where it was interrupted |
//! | `standing` | where a consultation stands, and waiting for it to get on |
//! | `opinion` | decrypting the answer |
//! | `close` | accepting, erasing, forgetting |
//!
//! Up to the request each state is a type, and only its step makes it. What comes after the request
//! comes hours or days later, from another command: those steps take the handle or number, and find
//! the state in wallet and chain.
//!
//! A [`Session`] is what the steps work with. Each step saves what it did in the wallet before the
//! next can begin, so that whatever stops it, [`Session::take_up`] finds the way on.

mod close;
mod filling;
mod funding;
mod offer;
mod opinion;
mod prepare;
mod record;
mod request;
mod standing;
mod state;
mod terms;

pub use close::{Accepted, CloseError, Dropped, Erased, Expired};
pub use filling::{example_answer, Filling, FillingError, Gap, Given, Row};
pub use funding::Funded;
pub(crate) use offer::read_description;
pub use offer::{Offer, OfferError};
pub use opinion::{ModelCheck, NoteCheck, Opened, OpinionError};
pub use prepare::{PrepareError, Prepared};
pub use request::{HandedOff, RequestError, Requested, TakenUp};
pub use standing::{Phase, Standing, Waited, Which};
pub use state::StateError;
pub use terms::{Payer, Terms, TermsError};

use crate::{
    clock::Clock,
    progress::Progress,
    vault::{Storage, Vault},
};
use std::fmt;

/// What the steps of consultations work with.
pub struct Session<'a, C, H, S: Storage> {
    /// The chain.
    pub chain: &'a C,
    /// The way to experts' nodes.
    pub hand_off: &'a H,
    /// The wallet.
    pub vault: &'a mut Vault<S>,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Who follows.
    pub progress: &'a dyn Progress,
}

impl<C, H, S: Storage> fmt::Debug for Session<'_, C, H, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session(..)")
    }
}

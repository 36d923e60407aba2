// SPDX-License-Identifier: Apache-2.0
//! A consultation from the patient's side.
//!
//! | module | step |
//! |---|---|
//! | `intake` | from a FHIR bundle, a file, flags or the keyboard to answers; what the patient is shown |
//! | `offer` | the expert and the protocol, read from the chain and checked |
//! | `prepare` | keys, encryption, commitment; saved before anything leaves |
//! | `request` | money, hand-off, envelope, transaction; goes on where it was interrupted |
//! | `watch` | status and waiting |
//! | `opinion` | decrypting and showing the opinion |
//! | `close` | accepting, erasing, forgetting |

pub mod ask;
pub mod close;
pub mod intake;
pub mod offer;
pub mod opinion;
pub mod prepare;
pub mod request;
pub mod watch;

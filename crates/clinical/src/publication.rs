// SPDX-License-Identifier: Apache-2.0
//! What has to hold before a protocol goes on chain, and what goes there.

use cso_fhe::Profile;
use thiserror::Error;

use crate::compile::{Compiled, NotServed};
use crate::protocol::{Description, DescriptionError, Protocol};

/// Why a protocol isn't published.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum PublicationError {
    /// Placeholders of an import are left.
    #[error("this is left to be written in the protocol file: {}", .left.join(", "))]
    Placeholders {
        /// Each with its place.
        left: Vec<String>,
    },
    /// Every consultation would be declined.
    #[error(transparent)]
    NotServed(#[from] NotServed),
    /// The public part is too long for the chain.
    #[error(transparent)]
    Description(#[from] DescriptionError),
}

/// The public part of a protocol as it goes on chain: with the profiles in which the program can be
/// served.
///
/// # Errors
///
/// [`PublicationError`] if [placeholders](Description::placeholders) are left, if the program can't
/// even be served in profile `Private`, or if the description is too long.
pub fn publication(
    protocol: &Protocol,
    compiled: &Compiled,
) -> Result<Description, PublicationError> {
    let description = protocol.description();
    let left = description.placeholders();
    if !left.is_empty() {
        return Err(PublicationError::Placeholders { left });
    }
    compiled.can_serve(Profile::Private)?;
    Ok(description.served_in(|profile| compiled.can_serve(profile).is_ok())?)
}

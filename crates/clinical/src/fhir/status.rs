// SPDX-License-Identifier: Apache-2.0
//! Statuses: what a resource says of itself.

use super::codes;
use super::outcome::Doubt;
use super::record::Resource;
use serde_json::Value as Json;

/// The first code of a status, which R4 writes as CodeableConcept and older records as text.
pub(super) fn status(field: Option<&Json>) -> Option<&str> {
    let field = field?;
    field.as_str().or_else(|| codes::codings(field).next().map(|(_, code, _)| code))
}

/// Why a resource can't be taken at its word: it says that more must be understood before it can
/// be read, or the rest of the record does.
pub(super) fn modified(resource: &Resource<'_>, code: &str) -> Option<Doubt> {
    if let Some(doubt) = &resource.in_doubt {
        return Some(doubt.clone());
    }
    let element = resource.modifier()?;
    Some(Doubt::new(&resource.name, element, code, "has a modifier that isn't understood"))
}

// SPDX-License-Identifier: Apache-2.0
//! Lists of two numbers. What is read as an array of two takes the first two entries of a longer
//! list and says nothing of the rest; here it is refused.

use std::fmt;

use serde::de::{Error, IgnoredAny, SeqAccess, Visitor};
use serde::Deserializer;

/// A list of two numbers in the field of that name.
struct Two(&'static str);

impl<'de> Visitor<'de> for Two {
    type Value = [f64; 2];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "two numbers in `{}`", self.0)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<[f64; 2], S::Error> {
        let mut two = [0.0; 2];
        for (place, number) in two.iter_mut().enumerate() {
            *number = list.next_element()?.ok_or_else(|| S::Error::invalid_length(place, &self))?;
        }
        let mut found = two.len();
        while list.next_element::<IgnoredAny>()?.is_some() {
            found += 1;
        }
        match found == two.len() {
            true => Ok(two),
            false => Err(S::Error::invalid_length(found, &self)),
        }
    }
}

/// Reads the field `limits`.
pub(crate) fn limits<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<[f64; 2]>, D::Error> {
    reader.deserialize_seq(Two("limits")).map(Some)
}

/// Reads the field `interval`.
pub(crate) fn interval<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<[f64; 2]>, D::Error> {
    reader.deserialize_seq(Two("interval")).map(Some)
}

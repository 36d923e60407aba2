// SPDX-License-Identifier: Apache-2.0
//! Categories in LightGBM's files: trees hold codes, and what pandas called them stands in a list
//! of its own, one entry a column of categories.

use serde_json::Value as Json;

use super::{refuse, unsupported};
use crate::boosting::{cell, Codes};
use crate::ModelFileError;

/// What the file says of a feature's values.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Number,
    Categories,
    /// The feature was never used, so it may be either.
    Unknown,
}

/// The codes of each feature. `named` is pandas' list of lists; `asked` are the features that the
/// training took for categories, if the file says so.
pub(super) fn codes(
    named: Option<&Json>,
    asked: Option<&[usize]>,
    kinds: &[Kind],
) -> Result<Vec<Codes>, ModelFileError> {
    let mut codes = vec![Codes::Plain; kinds.len()];
    let lists = match named {
        None | Some(Json::Null) => return Ok(codes),
        Some(named) => named.as_array().ok_or_else(|| refuse("`pandas_categorical` is no list"))?,
    };
    if lists.is_empty() {
        return Ok(codes);
    }
    let of = |wanted: &[Kind]| -> Vec<usize> {
        (0..kinds.len()).filter(|feature| wanted.contains(&kinds[*feature])).collect()
    };
    let ways = [
        asked.map(<[usize]>::to_vec).unwrap_or_default(),
        of(&[Kind::Categories]),
        of(&[Kind::Categories, Kind::Unknown]),
    ];
    let fits = |features: &&Vec<usize>| {
        features.len() == lists.len() && features.iter().all(|feature| *feature < kinds.len())
    };
    let Some(features) = ways.iter().find(fits) else {
        return Err(unsupported(
            format!(
                "`pandas_categorical` with {} lists for {} columns of categories",
                lists.len(),
                ways[1].len()
            ),
            "train with `categorical_feature=\"auto\"`, so that exactly the columns of type \
             `category` are categories",
        ));
    };
    for (feature, list) in features.iter().zip(lists) {
        let cells = list.as_array().and_then(|list| list.iter().map(cell).collect());
        let cells =
            cells.ok_or_else(|| refuse("`pandas_categorical` has a name that isn't read"))?;
        codes[*feature] = Codes::Named(cells);
    }
    Ok(codes)
}

// SPDX-License-Identifier: Apache-2.0
//! CatBoost's JSON models, as `save_model("m.json", format="json")` writes them: symmetric trees as
//! lists of splits, others as nested objects.

mod features;
mod file;
mod objective;
mod tree;

use self::features::Features;
use self::file::{File, Values};
use crate::boosting::{no_horizon, rounds};
use crate::either::Numbers;
use crate::target::MAX_CLASSES;
use crate::{ModelFile, ModelFileError, Options, Sum, Term};

const FORMAT: &str = "CatBoost";
/// Most leaves of all symmetric trees: a leaf costs a node, of some 100 bytes, and few in the file.
const MAX_LEAVES: usize = 1 << 22;

fn refuse(problem: impl Into<String>) -> ModelFileError {
    ModelFileError::Syntax { format: FORMAT, problem: problem.into() }
}

fn unsupported(element: String, instead: &'static str) -> ModelFileError {
    ModelFileError::Unsupported { format: FORMAT, element, instead }
}

/// Reads a CatBoost JSON model: regression, binary or multi-class classification.
pub(crate) fn catboost(json: &str, options: &Options) -> Result<ModelFile, ModelFileError> {
    no_horizon(FORMAT, options)?;
    let file: File = serde_json::from_str(json).map_err(|error| refuse(error.to_string()))?;
    let (scale, bias) = &file.scale_and_bias;
    let bias = match bias {
        Values(Numbers::One(bias)) => std::slice::from_ref(bias),
        Values(Numbers::Several(several)) => several,
    };
    let classes = width(&file)?;
    if !(1..=MAX_CLASSES).contains(&classes) || !scale.is_finite() {
        return Err(refuse(format!("{classes} sums, 1 to {MAX_CLASSES} are read")));
    }
    let constant = |class: usize| match bias {
        [] => Some(0.0),
        [all] if *all == 0.0 => Some(0.0),
        several => several.get(class).copied().filter(|own| own.is_finite()),
    };
    let mut sums = Vec::with_capacity(classes);
    for class in 0..classes {
        let constant = constant(class)
            .ok_or_else(|| refuse(format!("{} biases for {classes} sums", bias.len())))?;
        sums.push(Sum { constant, terms: Vec::new() });
    }
    let leaves: usize = file.oblivious_trees.iter().map(|tree| tree.leaf_values.len()).sum();
    if leaves > MAX_LEAVES {
        return Err(unsupported(
            format!("a model of {leaves} leaves (at most {MAX_LEAVES} are read)"),
            "train with a smaller `depth` or fewer `iterations`",
        ));
    }
    let objective = objective::read(&file.model_info, classes)?;
    let features = Features::read(&file.features_info)?;
    let has = file.oblivious_trees.len().max(file.trees.len());
    let taken = rounds(FORMAT, options.iterations, has)?;
    let mut add = |trees: Vec<_>| {
        sums.iter_mut().zip(trees).for_each(|(sum, tree)| sum.terms.push(Term::Tree(tree)));
    };
    for text in file.oblivious_trees.iter().take(taken) {
        add(tree::symmetric(text, &features, classes, *scale)?);
    }
    for json in file.trees.iter().take(taken) {
        add(tree::nested(json, &features, classes, *scale)?);
    }
    let encoded = features.encoded();
    let mut model = ModelFile::new(FORMAT, features.columns, sums, objective.target);
    model.unnamed = features.unnamed;
    model.encoded = encoded;
    model.notes.extend(objective.note.map(str::to_owned));
    Ok(model)
}

/// How many sums the model has: the points of a leaf.
fn width(file: &File) -> Result<usize, ModelFileError> {
    let first = file.oblivious_trees.first().map(|tree| {
        let leaves = 1usize.checked_shl(tree.splits.as_ref().map_or(0, Vec::len) as u32);
        leaves.map_or(0, |leaves| tree.leaf_values.len() / leaves)
    });
    match (first, file.trees.first()) {
        (Some(width), None) => Ok(width),
        (None, Some(json)) => tree::width(json),
        _ => Err(refuse("there are no trees, or of both kinds")),
    }
}

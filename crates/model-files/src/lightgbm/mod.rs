// SPDX-License-Identifier: Apache-2.0
//! LightGBM's two model formats: the text of `save_model` and the JSON of `dump_model`. Both are
//! read into a [`Head`] and [`Grown`] trees; what these predict is the same.

mod categories;
mod dump;
mod node;
mod objective;
mod text;

use self::node::Grown;
use crate::boosting::{no_horizon, rounds, unnamed, Codes};
use crate::recorded::{Recorded, RecordedTree, Weight};
use crate::target::MAX_CLASSES;
use crate::{ModelFile, ModelFileError, Options, Sum, Term};

const FORMAT: &str = "LightGBM";

/// Reads a LightGBM model: regression, binary or multi-class classification.
pub(crate) fn lightgbm(text: &str, options: &Options) -> Result<ModelFile, ModelFileError> {
    no_horizon(FORMAT, options)?;
    if text.trim_start().starts_with('{') {
        dump::read(text, options)
    } else {
        text::read(text, options)
    }
}

fn refuse(problem: impl Into<String>) -> ModelFileError {
    ModelFileError::Syntax { format: FORMAT, problem: problem.into() }
}

fn unsupported(element: String, instead: &'static str) -> ModelFileError {
    ModelFileError::Unsupported { format: FORMAT, element, instead }
}

/// What stands before the trees.
struct Head {
    names: Vec<String>,
    /// What the columns of categories hold, one entry a feature.
    codes: Vec<Codes>,
    classes: usize,
    /// None in files of functions that users wrote.
    objective: Option<String>,
    /// Whether the mean of the trees counts, not their sum.
    average: bool,
}

/// Trees take turns: one a class and round.
fn finish(
    head: Head,
    mut trees: Vec<Grown>,
    options: &Options,
) -> Result<ModelFile, ModelFileError> {
    let classes = head.classes;
    let objective = match &head.objective {
        Some(text) => objective::read(text, classes)?,
        None => objective::unnamed(classes, head.average, &trees)?,
    };
    if !trees.len().is_multiple_of(classes) {
        let problem = format!("{} trees for {classes} classes", trees.len());
        return Err(refuse(problem));
    }
    let taken = rounds(FORMAT, options.iterations, trees.len() / classes)?;
    trees.truncate(taken * classes);
    let mut sums = vec![Sum::zero(); classes];
    let mut recorded = Recorded::new(Weight::One);
    for (index, grown) in trees.into_iter().enumerate() {
        let (class, round) = (index % classes, index / classes);
        let (nodes, terms) = (grown.tree.nodes().len(), &mut sums[class].terms);
        let weights = grown.counts;
        // The count of a tree that has but a leaf may be 0.
        if nodes > 1 {
            recorded.push(RecordedTree { sum: class, term: terms.len(), round, weights }, nodes);
        }
        terms.push(Term::Tree(grown.tree));
    }
    let times = objective.times / if head.average { taken as f64 } else { 1.0 };
    if times != 1.0 {
        sums = sums.iter().map(|sum| scaled(sum, times)).collect();
    }
    let unnamed = unnamed(&head.names, |index| format!("Column_{index}"));
    let columns = head.names.into_iter().zip(&head.codes).enumerate();
    let columns = columns.map(|(place, (name, codes))| codes.column(name, place)).collect();
    let mut model = ModelFile::new(FORMAT, columns, sums, objective.target);
    model.unnamed = unnamed;
    model.notes.extend(objective.note.map(str::to_owned));
    model.recorded = recorded.some();
    Ok(model)
}

fn scaled(sum: &Sum, times: f64) -> Sum {
    let mut scaled = Sum::zero();
    scaled.add(sum, times);
    scaled
}

fn class_count(count: u64) -> Result<usize, ModelFileError> {
    match usize::try_from(count) {
        Ok(count @ 1..=MAX_CLASSES) => Ok(count),
        _ => Err(refuse(format!("{count} classes, 1 to {MAX_CLASSES} are read"))),
    }
}

// SPDX-License-Identifier: Apache-2.0
//! XGBoost's models, as `Booster.save_model` writes them: JSON, or UBJSON for other names than
//! `.json`.

mod categories;
mod file;
mod objective;
mod tree;
mod ubjson;

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value as Json;

use self::file::{Booster, File, Learner, Model};
use self::objective::Objective;
pub(crate) use self::ubjson::is_ubjson;
use crate::boosting::{labels, no_horizon, rounds, whole, Codes};
use crate::column::MAX_FEATURES;
use crate::encoded::ByData;
use crate::recorded::{Recorded, RecordedTree};
use crate::target::MAX_CLASSES;
use crate::{shorten, Cell, Function, ModelFile, ModelFileError, Options, Sum, Term, Variable};

const FORMAT: &str = "XGBoost";

fn refuse(problem: String) -> ModelFileError {
    ModelFileError::Syntax { format: FORMAT, problem }
}

fn unsupported(element: String, instead: &'static str) -> ModelFileError {
    ModelFileError::Unsupported { format: FORMAT, element, instead }
}

/// Reads an XGBoost JSON model: regression, survival, binary or multi-class classification.
pub(crate) fn xgboost(json: &str, options: &Options) -> Result<ModelFile, ModelFileError> {
    let file: File = serde_json::from_str(json).map_err(|error| refuse(error.to_string()))?;
    model(file.learner, options)
}

/// Reads the same in UBJSON.
pub(crate) fn xgboost_binary(bytes: &[u8], options: &Options) -> Result<ModelFile, ModelFileError> {
    let file =
        File::deserialize(ubjson::read(bytes)?).map_err(|error| refuse(error.to_string()))?;
    model(file.learner, options)
}

fn model(learner: Learner, options: &Options) -> Result<ModelFile, ModelFileError> {
    let param = &learner.learner_model_param;
    if param.num_target.as_deref().map_or(Ok(1), |text| whole(FORMAT, text))? > 1 {
        return Err(unsupported(
            "a model with several targets".to_owned(),
            "train one model a target",
        ));
    }
    let classes = whole(FORMAT, &param.num_class)?.max(1);
    if classes > MAX_CLASSES {
        return Err(refuse(format!("{classes} classes, at most {MAX_CLASSES} are read")));
    }
    let wrapper = Wrapper::read(&learner, classes);
    let mut objective = Objective::read(&learner.objective.name, classes, wrapper.labels)?;
    no_horizon(FORMAT, options)?;
    let positive = learner.objective.reg_loss_param.and_then(|param| param.scale_pos_weight);
    let positive = positive.and_then(|text| text.parse().ok()).unwrap_or(1.0);
    let constants = objective.constants(&param.base_score, classes)?;
    let count = whole(FORMAT, &param.num_feature)?;
    let unnamed = learner.feature_names.is_empty();
    let names = if unnamed {
        if count > MAX_FEATURES {
            return Err(refuse(format!("{count} features, at most {MAX_FEATURES} are read")));
        }
        (0..count).map(|index| format!("f{index}")).collect()
    } else {
        learner.feature_names
    };
    let mut sums: Vec<Sum> =
        constants.into_iter().map(|constant| Sum { constant, terms: Vec::new() }).collect();
    let booster = read_booster(learner.gradient_booster)?;
    let (codes, encoded) = codes(&booster.model, &learner.feature_types, names.len())?;
    let columns = names.into_iter().zip(&codes).enumerate();
    let mut columns: Vec<_> =
        columns.map(|(place, (name, codes))| codes.column(name, place)).collect();
    if let Some(code) = wrapper.missing {
        columns.iter_mut().for_each(|column| column.missing_codes.push(code));
    }
    if let (false, [first, ..]) = (booster.linear, &booster.model.trees[..]) {
        let tree = tree::tree(first, &codes)?;
        objective = objective.or_own_loss(sums[0].constant, &tree, &booster.model.trees);
    }
    let mut notes: Vec<String> = objective.note.into_iter().map(str::to_owned).collect();
    let recorded = if booster.linear {
        if options.iterations.is_some() {
            return Err(unsupported(
                "a number of rounds for booster `gblinear`".to_owned(),
                "leave it out: a linear booster has no trees to cut off",
            ));
        }
        // A linear booster adds the first base score to every class.
        let first = sums[0].constant;
        sums.iter_mut().for_each(|sum| sum.constant = first);
        add_weights(&mut sums, &booster.model.weights, columns.len())?;
        None
    } else {
        let has = round_count(&booster.model, classes)?;
        let asked = options.iterations.or(wrapper.best);
        let taken = rounds(FORMAT, asked, has)?;
        if options.iterations.is_none() && taken < has {
            notes.push(format!(
                "of {has} rounds the first {taken} are taken, up to `best_iteration`, as XGBoost's \
                 scikit-learn wrapper predicts: `--iterations {has}` takes all"
            ));
        }
        let weights = Recorded::new(objective.weight).with_positive(positive);
        add_trees(&mut sums, &booster, &codes, taken, classes, weights)?
    };
    let target = objective.target;
    let mut model = ModelFile::new(FORMAT, columns, sums, target);
    model.unnamed = unnamed.then_some(count);
    model.notes = notes;
    model.recorded = recorded;
    model.encoded = encoded;
    Ok(model)
}

/// What the library's scikit-learn wrapper wrote into the attributes.
struct Wrapper {
    /// As many rounds as it predicts with.
    best: Option<usize>,
    /// The number that it takes for a gap, in files of version 1.
    missing: Option<f64>,
    labels: Option<Vec<String>>,
}

impl Wrapper {
    fn read(learner: &Learner, classes: usize) -> Self {
        let best = learner.attributes.get("best_iteration").and_then(|best| best.parse().ok());
        // Python writes NaN for a gap, which is no JSON.
        let text = learner.attributes.get("scikit_learn").map(|text| text.replace("NaN", "null"));
        let text = text.and_then(|text| serde_json::from_str(&text).ok());
        let own: Json = text.unwrap_or_default();
        let names = [&own["classes_"], &own["_le"]["classes_"]];
        Self {
            best: best.and_then(|best: usize| best.checked_add(1)),
            missing: own["missing"].as_f64(),
            labels: names.iter().find_map(|names| labels(names, classes.max(2))),
        }
    }
}

struct Read {
    linear: bool,
    model: Model,
    /// What each tree counts; 1 where there is none.
    drop: Vec<f64>,
}

fn read_booster(booster: Booster) -> Result<Read, ModelFileError> {
    let (linear, model, drop) = match (booster.name.as_str(), booster.model, booster.gbtree) {
        ("gbtree", Some(model), _) => (false, model, Vec::new()),
        ("gblinear", Some(model), _) => (true, model, Vec::new()),
        ("dart", _, Some(inner)) => (false, inner.model, booster.weight_drop),
        ("gbtree" | "dart" | "gblinear", ..) => {
            return Err(refuse("the booster has no model".to_owned()))
        }
        (other, ..) => {
            return Err(unsupported(
                format!("booster `{}`", shorten(other)),
                "train with `booster=\"gbtree\"`",
            ))
        }
    };
    if booster.name == "dart" && drop.len() != model.trees.len() {
        let problem = format!("{} weights for {} trees", drop.len(), model.trees.len());
        return Err(refuse(problem));
    }
    Ok(Read { linear, model, drop })
}

/// What the codes of each feature stand for, and which of them only the data tells.
fn codes(
    model: &Model,
    types: &[String],
    features: usize,
) -> Result<(Vec<Codes>, ByData), ModelFileError> {
    let names = model.cats.as_ref().map_or(&[][..], |cats| &cats.enc);
    let (mut codes, mut encoded) = (vec![Codes::Plain; features], Vec::new());
    for (feature, names) in names.iter().enumerate().take(features) {
        if types.get(feature).is_none_or(|kind| kind == "c") {
            let (own, by_data) = categories::codes(names)?;
            codes[feature] = own;
            encoded.extend(by_data.map(|own| (feature, own)));
        }
    }
    Ok((codes, encoded))
}

/// How many trees a round has: one a class, or several in random-forest mode.
fn trees_per_round(model: &Model, classes: usize) -> Result<usize, ModelFileError> {
    let param = model.gbtree_model_param.as_ref();
    let parallel = param.and_then(|param| param.num_parallel_tree.as_deref()).unwrap_or("1");
    Ok(whole(FORMAT, parallel)?.clamp(1, usize::MAX / MAX_CLASSES) * classes)
}

fn round_count(model: &Model, classes: usize) -> Result<usize, ModelFileError> {
    if let [.., last] = model.iteration_indptr[..] {
        if last != model.trees.len() || !model.iteration_indptr.is_sorted() {
            return Err(refuse("`iteration_indptr` doesn't fit the trees".to_owned()));
        }
        return Ok(model.iteration_indptr.len() - 1);
    }
    Ok(model.trees.len().div_ceil(trees_per_round(model, classes)?))
}

fn add_trees(
    sums: &mut [Sum],
    booster: &Read,
    codes: &[Codes],
    rounds: usize,
    classes: usize,
    mut recorded: Recorded,
) -> Result<Option<Recorded>, ModelFileError> {
    let model = &booster.model;
    let trees = match model.iteration_indptr.get(rounds) {
        Some(trees) => *trees,
        None => trees_per_round(model, classes)?.saturating_mul(rounds),
    };
    for (index, text) in model.trees.iter().enumerate().take(trees) {
        let class = model.tree_info.get(index).copied().unwrap_or(0);
        let mut tree = tree::tree(text, codes)?;
        if let Some(weight) = booster.drop.get(index) {
            if !weight.is_finite() {
                return Err(refuse(format!("tree {index} has no finite weight")));
            }
            tree = tree.times(*weight);
        }
        let sum = sums
            .get_mut(class)
            .ok_or_else(|| refuse(format!("tree {index} belongs to class {class} of {classes}")))?;
        // A weight of the last tree changes what the trees before it sum up to.
        if booster.drop.is_empty() {
            let (term, weights) = (sum.terms.len(), text.sum_hessian.clone());
            let round = match model.iteration_indptr[..] {
                [] => index / trees_per_round(model, classes)?,
                _ => model
                    .iteration_indptr
                    .partition_point(|first| *first <= index)
                    .saturating_sub(1),
            };
            recorded.push(RecordedTree { sum: class, term, round, weights }, tree.nodes().len());
        }
        sum.terms.push(Term::Tree(tree));
    }
    Ok(recorded.some())
}

/// Weights of a linear booster; a gap counts nothing.
fn add_weights(sums: &mut [Sum], weights: &[f64], features: usize) -> Result<(), ModelFileError> {
    let classes = sums.len();
    let rows: Vec<&[f64]> = weights.chunks(classes).collect();
    let fits =
        weights.len() == (features + 1) * classes && weights.iter().all(|one| one.is_finite());
    let Some((constants, rows)) = rows.split_last().filter(|_| fits) else {
        let problem = format!("{} finite weights for {features} features", weights.len());
        return Err(refuse(problem));
    };
    let known = Arc::new(Function::Default(Arc::new(Function::Input), Cell::Number(0.0)));
    for (class, sum) in sums.iter_mut().enumerate() {
        sum.constant += constants[class];
        for (column, row) in rows.iter().enumerate().filter(|(_, row)| row[class] != 0.0) {
            let factors = vec![Variable { column, function: known.clone() }];
            sum.terms.push(Term::Product { factors, weight: row[class] });
        }
    }
    Ok(())
}

// SPDX-License-Identifier: Apache-2.0
//! The text form: `key=value` lines, a section a tree, then the parameters of the training.

use std::collections::HashMap;
use std::str::FromStr;

use super::categories::{codes, Kind};
use super::node::{leaf, split, Grown, MissingType, Question};
use super::{class_count, finish, refuse, Head};
use crate::boosting::Codes;
use crate::{ModelFile, ModelFileError, Node, Options, Tree};

type Fields<'a> = HashMap<&'a str, &'a str>;

pub(super) fn read(text: &str, options: &Options) -> Result<ModelFile, ModelFileError> {
    let mut sections = text.split("\nTree=");
    let head_text = sections.next().unwrap_or("");
    let head = read_head(head_text, text)?;
    let mut trees = Vec::new();
    for section in sections {
        let section = section.split("\nend of trees").next().unwrap_or("");
        trees.push(tree(&fields(section), &head.codes)?);
    }
    finish(head, trees, options)
}

fn read_head(text: &str, whole: &str) -> Result<Head, ModelFileError> {
    let head = fields(text);
    let get = |field: &str| {
        head.get(field).copied().ok_or_else(|| refuse(format!("there is no `{field}`")))
    };
    let count = |text: &str, field: &str| {
        text.trim().parse().map_err(|_| refuse(format!("`{field}` is no count")))
    };
    let names: Vec<String> = get("feature_names")?.split_whitespace().map(str::to_owned).collect();
    let classes = class_count(count(get("num_class")?, "num_class")?)?;
    if let Some(per_round) = head.get("num_tree_per_iteration") {
        if count(per_round, "num_tree_per_iteration")? != classes as u64 {
            return Err(refuse(format!(
                "{} trees a round for {classes} classes",
                per_round.trim()
            )));
        }
    }
    let kinds = head.get("feature_infos").copied().unwrap_or("").split_whitespace();
    let mut kinds: Vec<Kind> = kinds.map(kind).collect();
    kinds.resize(names.len(), Kind::Unknown);
    let tail = || whole.lines().rev().take_while(|line| *line != "end of trees");
    let named = tail().find_map(|line| line.strip_prefix("pandas_categorical:"));
    let named = named.map(serde_json::from_str).transpose();
    let named = named.map_err(|_| refuse("`pandas_categorical` is no JSON"))?;
    let asked = tail().find_map(|line| line.strip_prefix("[categorical_feature:"));
    let asked: Option<Vec<usize>> = asked.and_then(|list| {
        list.trim_end_matches(']').split(',').map(|one| one.trim().parse().ok()).collect()
    });
    Ok(Head {
        codes: codes(named.as_ref(), asked.as_deref(), &kinds)?,
        names,
        classes,
        objective: head.get("objective").map(|&text| text.to_owned()),
        average: text.lines().any(|line| line.trim() == "average_output"),
    })
}

/// `[least:greatest]` for numbers, `1:0:2` for categories, `none` if there was but one value.
fn kind(info: &str) -> Kind {
    match info {
        "none" => Kind::Unknown,
        range if range.starts_with('[') => Kind::Number,
        _ => Kind::Categories,
    }
}

fn fields(section: &str) -> Fields<'_> {
    section.lines().filter_map(|line| line.trim_end().split_once('=')).collect()
}

fn numbers<T: FromStr>(fields: &Fields<'_>, field: &str) -> Result<Vec<T>, ModelFileError> {
    let text = fields.get(field).copied().unwrap_or("");
    let parsed: Result<Vec<T>, _> = text.split_whitespace().map(str::parse).collect();
    parsed.map_err(|_| refuse(format!("`{field}` of a tree is no list of numbers")))
}

fn tree(fields: &Fields<'_>, codes: &[Codes]) -> Result<Grown, ModelFileError> {
    let leaves: Vec<f64> = numbers(fields, "leaf_value")?;
    let by: Vec<usize> = numbers(fields, "split_feature")?;
    let thresholds: Vec<f64> = numbers(fields, "threshold")?;
    let decisions: Vec<u8> = numbers(fields, "decision_type")?;
    let left: Vec<i64> = numbers(fields, "left_child")?;
    let right: Vec<i64> = numbers(fields, "right_child")?;
    let inner = by.len();
    if [thresholds.len(), decisions.len(), left.len(), right.len()]
        .iter()
        .any(|length| *length != inner)
        || leaves.len() != inner + 1
    {
        return Err(refuse("the lists of a tree have different lengths"));
    }
    let sets = Sets {
        bounds: numbers(fields, "cat_boundaries")?,
        bits: numbers(fields, "cat_threshold")?,
    };
    // Inner nodes keep their numbers, leaf `n`, written as -(n + 1), comes behind them.
    let place = |child: i64| match usize::try_from(child) {
        Ok(child) => child,
        Err(_) => inner.saturating_add(usize::try_from(-(child + 1)).unwrap_or(usize::MAX)),
    };
    let mut nodes = Vec::with_capacity(inner + leaves.len());
    for index in 0..inner {
        let decision = decisions[index];
        let set;
        let question = if decision & 1 != 0 {
            set = sets.get(thresholds[index])?;
            Question::Categories(&set)
        } else {
            Question::Limit {
                limit: thresholds[index],
                missing: MissingType::of_decision(decision)?,
                default_left: decision & 2 != 0,
            }
        };
        nodes.push(split(by[index], question, [place(left[index]), place(right[index])], codes)?);
    }
    match fields.get("is_linear").map(|flag| flag.trim()) {
        None | Some("0") => nodes.extend(leaves.into_iter().map(Node::Leaf)),
        Some(_) => nodes.extend(linear_leaves(fields, &leaves, codes)?),
    }
    let both = |inner: &str, leaf: &str| -> Result<Vec<f64>, ModelFileError> {
        Ok([numbers(fields, inner)?, numbers(fields, leaf)?].concat())
    };
    Ok(Grown {
        tree: Tree::new(nodes).map_err(refuse)?,
        counts: both("internal_count", "leaf_count")?,
        weights: both("internal_weight", "leaf_weight")?,
    })
}

fn linear_leaves(
    fields: &Fields<'_>,
    leaves: &[f64],
    codes: &[Codes],
) -> Result<Vec<Node>, ModelFileError> {
    let constants: Vec<f64> = numbers(fields, "leaf_const")?;
    let counts: Vec<usize> = numbers(fields, "num_features")?;
    let features: Vec<usize> = numbers(fields, "leaf_features")?;
    let weights: Vec<f64> = numbers(fields, "leaf_coeff")?;
    let mut from = 0usize;
    let mut read = Vec::with_capacity(leaves.len());
    for (index, points) in leaves.iter().enumerate() {
        let part = || {
            let to = from.checked_add(*counts.get(index)?)?;
            Some((to, *constants.get(index)?, features.get(from..to)?, weights.get(from..to)?))
        };
        let (to, constant, features, weights) =
            part().ok_or_else(|| refuse("the lists of linear leaves have different lengths"))?;
        read.push(leaf(*points, constant, features, weights, codes)?);
        from = to;
    }
    Ok(read)
}

/// Sets of categories, as bits of words of 32 between bounds.
struct Sets {
    bounds: Vec<usize>,
    bits: Vec<u32>,
}

impl Sets {
    fn get(&self, number: f64) -> Result<Vec<usize>, ModelFileError> {
        let index = number as usize;
        let words = || {
            let (from, to) = (*self.bounds.get(index)?, *self.bounds.get(index.checked_add(1)?)?);
            self.bits.get(from..to)
        };
        let words = words().ok_or_else(|| refuse("a node has no set of categories"))?;
        let bits = words.iter().enumerate().flat_map(|(place, word)| {
            (0..32).filter(move |bit| word >> bit & 1 == 1).map(move |bit| 32 * place + bit)
        });
        Ok(bits.collect())
    }
}

// SPDX-License-Identifier: Apache-2.0
//! From a model file and the data it was trained on to a protocol that an expert completes.
//!
//! Features are named as in the model, ranges come from the data, steps and bins from what the
//! model tells apart ([`usage`], [`bins`], [`tolerance`]), outputs from what the model predicts;
//! [placeholders](crate::Description::placeholders) stand for what neither knows. The terms are
//! [translated](crate::translate) as those of a model file that a protocol names, and what the
//! result says is [measured](measured) against the model file itself.

mod binning;
mod bins;
mod error;
mod examples;
mod features;
mod grid;
mod ids;
mod lattice;
mod links;
mod measured;
mod outputs;
mod said;
mod tolerance;
mod usage;

pub use binning::Binning;
pub use error::DraftError;
pub use measured::{measure, Measured};

use std::collections::BTreeSet;

use cso_fhe::Profile;
use cso_model_files::{Cases, Cell, ColumnKind, ModelFile};

use crate::compile;
use crate::intake::{tidy, Feature, Intake, Kind, MAX_BITS, MAX_LEVELS};
use crate::model::Model;
use crate::outputs::Output;
use crate::protocol::{Description, DescriptionError, Meta, Parts, Protocol, ProtocolError};
use crate::translate::{self, Asked, TranslateError};

/// A protocol made of a model file, for an expert to complete.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The protocol, with placeholders where only the expert knows what to write.
    pub protocol: Protocol,
    /// What the expert should know about it, a line each.
    notes: Vec<String>,
    /// What the public part tells of the model, a line each.
    pub told: Vec<String>,
}

impl Draft {
    /// The protocol file: what [`Protocol::from_toml`] reads is [`Self::protocol`].
    ///
    /// # Errors
    ///
    /// [`ProtocolError::TooLong`] if the file would be longer than what is read.
    pub fn to_toml(&self) -> Result<String, ProtocolError> {
        let mut toml = String::new();
        for note in &self.notes {
            toml += &format!("# {note}\n");
        }
        toml += &self.protocol.to_toml();
        Protocol::check_length(&toml)?;
        Ok(toml)
    }
}

/// [`draft_with`] bins that hide limits behind edges of the key 0.
///
/// # Errors
///
/// As [`draft_with`].
pub fn draft(file: &ModelFile, id: &str, data: &Cases) -> Result<Draft, DraftError> {
    draft_with(file, id, data, &Binning::default())
}

/// Makes a protocol of a model: ranges of the features, and of outputs that have no natural range,
/// are taken from the data, steps and bins from what the model needs.
///
/// Cases with results that the model file carries become worked examples where they lie on the
/// features' grids.
///
/// # Errors
///
/// [`DraftError`] if the data doesn't fit the model, or if the model doesn't become a protocol.
pub fn draft_with(
    file: &ModelFile,
    id: &str,
    data: &Cases,
    binning: &Binning,
) -> Result<Draft, DraftError> {
    let file = file.named_by(data)?;
    let table = file.table(data)?;
    let mut drafted = draft_of(&file, &table, id, binning, MAX_LEVELS as usize);
    for most_bins in FEWER_BINS {
        let Err(DraftError::Protocol(error)) = &drafted else { break };
        if !matches!(**error, ProtocolError::Description(DescriptionError::TooLong { .. })) {
            break;
        }
        drafted = draft_of(&file, &table, id, binning, most_bins);
    }
    drafted
}

/// A draft whose features have at most so many bins each.
fn draft_of(
    file: &ModelFile,
    table: &[Vec<Cell>],
    id: &str,
    binning: &Binning,
    most_bins: usize,
) -> Result<Draft, DraftError> {
    let cases: Vec<Vec<f64>> = table.iter().filter_map(|case| file.sum_values(case)).collect();
    let mut may_miss = may_miss(file, table);
    let has_gap = |column: usize| table.iter().any(|case| case[column] == Cell::Missing);
    let (intake, file, asked, made, sums) = loop {
        let intake = ask(file, table, &cases, &may_miss, binning, most_bins)?;
        let ids: Vec<_> = intake.features().iter().map(|feature| feature.id.clone()).collect();
        let renamed = file.renamed(&ids);
        let mut asked = Asked::all(renamed.columns(), &intake)?;
        stand_for_bins(&mut asked, table);
        let made = outputs::outputs(&renamed, &cases)?;
        let sums = made.sums.iter().map(|(id, sum)| translate::sum_over(id, sum, &asked, &intake));
        match sums.collect::<Result<Vec<_>, _>>() {
            Ok(sums) => break (intake, renamed, asked, made, sums),
            // What the model says nothing about in some case must be answered.
            Err(
                error @ (TranslateError::Nothing { .. } | TranslateError::NothingInTree { .. }),
            ) => {
                let named = |column: &usize| match &error {
                    TranslateError::Nothing { feature, .. } => ids[*column] == *feature,
                    _ => true,
                };
                let open = (0..may_miss.len()).filter(|column| may_miss[*column]);
                let open: Vec<usize> =
                    open.filter(|column| named(column) && !has_gap(*column)).collect();
                if open.is_empty() {
                    return Err(error.into());
                }
                open.into_iter().for_each(|column| may_miss[column] = false);
            }
            Err(error) => return Err(error.into()),
        }
    };
    let told = told(&file, &intake, binning);
    let model = Model { sums, links: made.links, join: Vec::new(), precise: false };
    let parts = Parts {
        meta: Meta::draft(id),
        intake,
        requirements: Vec::new(),
        outputs: made.outputs,
        rankings: made.rankings,
        disclosures: Vec::new(),
    };
    let protocol = finest(&file, table, parts, &model)?;
    let examples = examples::examples(file.verified_cases(), &asked, &protocol);
    let protocol = protocol.with_examples(examples).map_err(ProtocolError::from)?;
    let mut notes = vec!["Made from a model file: fill in what stands in capitals.".to_owned()];
    notes.extend(made.notes);
    notes.extend(file.notes().iter().cloned());
    notes.extend(told.iter().cloned());
    Ok(Draft { protocol, notes, told })
}

/// Bins a feature that are tried where a description is too long for the chain.
const FEWER_BINS: [usize; 7] = [2048, 1024, 512, 256, 128, 64, 32];

/// Lets a number of the data stand for its bin, where there is one, that which is nearest to the
/// bin's middle: between it and an edge the model's own limit may lie.
fn stand_for_bins(asked: &mut [Asked], table: &[Vec<Cell>]) {
    for (column, asked) in asked.iter_mut().enumerate() {
        let Kind::Quantity(quantity) = &asked.feature.kind else { continue };
        if !quantity.is_binned() {
            continue;
        }
        let middles: Vec<f64> =
            (0..quantity.levels()).map(|code| quantity.value_at(code)).collect();
        let mut nearest: Vec<Option<f64>> = vec![None; middles.len()];
        for number in table.iter().filter_map(|case| case[column].number()) {
            let code = quantity.edges.partition_point(|edge| *edge <= number);
            let far = |one: f64| (one - middles[code]).abs();
            if nearest[code].is_none_or(|other| far(number) < far(other)) {
                nearest[code] = Some(number);
            }
        }
        for (cell, number) in asked.cells.iter_mut().zip(nearest) {
            if let Some(number) = number {
                *cell = Cell::Number(number);
            }
        }
    }
}

/// What rounding may move on its own before a guard is tried, as a part of the range.
const ROUNDED: f64 = 0.007;
/// What it may move with a guard before each feature is rounded as a whole, which costs more.
const STILL_ROUNDED: f64 = 0.01;
/// How often an output's values are halved at most so that a guard has room.
const MOST_HALVED: usize = 2;
/// Most products for that.
const PRECISE_PRODUCTS: usize = 150_000;
/// Added up columns with which each gets half of the room that one alone gets.
const MANY_COLUMNS: f64 = 50.0;

/// The protocol; with guards, if only so its points become fine enough.
fn finest(
    file: &ModelFile,
    table: &[Vec<Cell>],
    parts: Parts,
    model: &Model,
) -> Result<Protocol, DraftError> {
    let make = |outputs: Vec<Output>, precise: bool| -> Result<Protocol, DraftError> {
        let description = Description::new(Parts { outputs, ..parts.clone() })?;
        for (link, output) in model.links.iter().zip(description.outputs()) {
            link.check(output).map_err(ProtocolError::from)?;
        }
        Ok(Protocol::new(description, Model { precise, ..model.clone() }, Vec::new()))
    };
    // What doesn't compile is refused by whoever compiles it.
    let moved = |protocol: &Protocol| {
        let compiled = compile::compile(protocol).ok()?;
        let is_dear = protocol.model().precise && compiled.program.cmuxes() > PRECISE_PRODUCTS;
        let measured = measured::of_table(file, protocol, &compiled, table).ok()?;
        let is_served = !protocol.outputs().iter().any(|output| output.guarded)
            || compiled.can_serve(Profile::Private).is_ok();
        (!is_dear && is_served).then_some(measured.largest)
    };
    let plain = make(parts.outputs.clone(), false)?;
    let Some(before) = moved(&plain).filter(|moved| *moved > ROUNDED) else {
        return Ok(plain);
    };
    let mut outputs = parts.outputs.clone();
    for (output, link) in outputs.iter_mut().zip(&model.links) {
        output.guarded = link.clamp && link.mixed.is_empty();
    }
    if !outputs.iter().any(|output| output.guarded) {
        return Ok(plain);
    }
    let better = |protocol: &Protocol| moved(protocol).filter(|after| *after < 0.8 * before);
    let mut guarded = make(outputs.clone(), false)?;
    let mut after = better(&guarded);
    for _ in 0..MOST_HALVED {
        if after.is_some() {
            break;
        }
        // A guard takes bits of the answer: with fewer values there is room for it.
        outputs.iter_mut().for_each(halve);
        guarded = make(outputs.clone(), false)?;
        after = better(&guarded);
    }
    let Some(after) = after else { return Ok(plain) };
    if after > STILL_ROUNDED {
        let precise = make(outputs, true)?;
        if moved(&precise).is_some_and(|finer| finer < 0.8 * after) {
            return Ok(precise);
        }
    }
    Ok(guarded)
}

/// Lets an output have half as many values, if all of them mean the same.
fn halve(output: &mut Output) {
    let steps = ((output.max - output.min) / output.step).round();
    let [meaning] = &mut output.meanings[..] else { return };
    output.step *= 2.0;
    output.max = tidy(output.min + (steps / 2.0).ceil() * output.step);
    meaning.to = output.max;
}

/// The intake for a model: as fine as the tolerances ask for, or as its bits allow.
fn ask(
    file: &ModelFile,
    table: &[Vec<Cell>],
    cases: &[Vec<f64>],
    may_miss: &[bool],
    binning: &Binning,
    most_bins: usize,
) -> Result<Intake, DraftError> {
    let usages = usage::usage(file, table);
    let mut ids: Vec<String> = Vec::with_capacity(file.columns().len());
    for column in file.columns() {
        ids.push(ids::unique_id(&column.name, ids.iter().map(String::as_str)));
    }
    let is_read = is_read(file);
    // The more columns are added up the finer each must be, and the more room costs.
    let added = usages.iter().filter(|usage| !usage.functions.is_empty()).count();
    let room = 1.0 / (1.0 + added as f64 / MANY_COLUMNS);
    let mut tolerances = tolerance::tolerances(file, cases, &usages);
    loop {
        let mut features: Vec<Feature> = Vec::with_capacity(ids.len());
        for (index, column) in file.columns().iter().enumerate() {
            let mut feature = features::infer(
                &features::Known {
                    column,
                    id: &ids[index],
                    cells: table.iter().map(|case| &case[index]).collect(),
                    usage: &usages[index],
                    tolerances: &tolerances,
                    may_miss: may_miss[index],
                    room,
                    most_bins,
                },
                binning,
            )?;
            said::tell(&column.said, &mut feature)?;
            features.push(feature);
        }
        let read = features.iter().zip(&is_read).filter(|(_, is_read)| **is_read);
        let bits: usize = read.map(|(feature, _)| feature.bits()).sum();
        let is_adding = usages.iter().any(|usage| !usage.functions.is_empty());
        if bits <= MAX_BITS || !is_adding || tolerances.iter().all(|one| *one > 1e3) {
            return features::intake(features, file.columns(), &is_read);
        }
        tolerances.iter_mut().for_each(|one| *one *= 1.4);
    }
}

/// The columns that the terms read themselves.
fn is_read(file: &ModelFile) -> Vec<bool> {
    let terms = file.sums().iter().flat_map(|sum| &sum.terms);
    let mut read: BTreeSet<usize> = terms.flat_map(cso_model_files::Term::columns).collect();
    if let cso_model_files::Target::Class { shares, .. } = file.target() {
        read.extend(shares.iter().flat_map(cso_model_files::Tree::columns));
    }
    (0..file.columns().len()).map(|column| read.contains(&column)).collect()
}

/// The columns that may be missing: those with gaps in the data, and those for whose gaps the model
/// has a rule.
fn may_miss(file: &ModelFile, table: &[Vec<Cell>]) -> Vec<bool> {
    let with_gap = |column: usize| {
        let complete = table.iter().find(|case| !case.contains(&Cell::Missing));
        complete.is_some_and(|case| {
            let mut case = case.clone();
            case[column] = Cell::Missing;
            file.sum_values(&case).is_some()
        })
    };
    let has_gap = |column: usize| table.iter().any(|case| case[column] == Cell::Missing);
    (0..file.columns().len()).map(|column| has_gap(column) || with_gap(column)).collect()
}

/// What everybody can see of the model in its intake.
fn told(file: &ModelFile, intake: &Intake, binning: &Binning) -> Vec<String> {
    let features = intake.features();
    let mut told = Vec::new();
    let binned: Vec<&Feature> = features
        .iter()
        .filter(|one| matches!(&one.kind, Kind::Quantity(quantity) if quantity.is_binned()))
        .collect();
    if !binned.is_empty() {
        let ids: Vec<&str> = binned.iter().map(|feature| feature.id.as_str()).collect();
        let ids = ids.join(", ");
        told.push(match binning.publish_thresholds {
            true => format!("The intake is public and its edges are the model's own limits: {ids}."),
            false => format!("The intake is public: the model's limits of {ids} stand among its edges, each moved to the middle between two values as they are recorded, with others that the model doesn't have."),
        });
    }
    for (feature, column) in features.iter().zip(file.columns()) {
        if let (ColumnKind::Derived(_), Some(one)) = (&column.kind, feature.derivations().next()) {
            told.push(format!(
                "The intake tells how `{}` is computed: {}.",
                feature.id,
                one.formula.name()
            ));
        }
    }
    told
}

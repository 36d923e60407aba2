// SPDX-License-Identifier: Apache-2.0
//! The compiler: from a protocol to a program of `cso_fhe`.
//!
//! Terms become weights on bits and decision diagrams ([`lower`]): in the order of the intake's
//! bits ([`terms`], [`product`], all of one manager, [`diagram`]), or trees as they stand
//! ([`trees`], [`question`], [`free`]). Real numbers become whole points that fit the table
//! ([`scaling`], [`uses`], [`guard`],
//! [`rounding`]), and the result is handed to
//! `cso_fhe` in one place ([`backend`]). The worked
//! examples of the protocol are run through the finished program. Whether it can be served is said
//! in [`serving`].

mod agreement;
mod backend;
mod diagram;
mod error;
mod factor;
mod free;
mod guard;
mod linear;
mod lower;
mod product;
mod question;
mod rounding;
mod scaling;
mod serving;
mod summary;
mod terms;
mod trees;
mod uses;

pub use agreement::{agreement, Agreement, OutputAgreement, RankingAgreement};
pub use error::CompileError;
pub use serving::{NotServed, PRIVACY_FLOOR_LOG2};
pub use summary::{OutputScaling, ProgramSummary, SumScaling, TreeCost, TreeLowering};

use crate::protocol::Protocol;

/// A protocol ready for encrypted records.
#[derive(Debug)]
pub struct Compiled {
    /// The program: reads the intake's bits, gives the outputs in order.
    pub program: cso_fhe::Program,
    /// Size and accuracy.
    pub summary: ProgramSummary,
}

/// Compiles a protocol.
///
/// # Errors
///
/// [`CompileError`] if the model needs too many nodes or too fine points, if a value leaves its
/// output's range, or if a worked example comes out otherwise.
pub fn compile(protocol: &Protocol) -> Result<Compiled, CompileError> {
    let intake = protocol.intake();
    let model = protocol.model();
    let mut parts = Vec::with_capacity(model.sums.len());
    for sum in &model.sums {
        parts.push(lower::lower(sum, model, intake)?);
    }
    let drawn = rounding::Drawn::from(intake);
    let uses = uses::Use::all(model, protocol.outputs(), &parts)?;
    let mut sums = Vec::with_capacity(model.sums.len());
    let mut scalings = Vec::with_capacity(model.sums.len());
    let mut outputs: Vec<OutputScaling> = protocol
        .outputs()
        .iter()
        .map(|output| OutputScaling { id: output.id.clone(), bits: 0, deviation: 0.0 })
        .collect();
    for ((sum, parts), uses) in model.sums.iter().zip(&parts).zip(&uses) {
        let guarded = match &uses[..] {
            [one] if one.is_guarded() => guard::scale(&sum.id, parts, one, &drawn)?,
            _ => None,
        };
        let scaled = match guarded {
            Some(guarded) => guarded,
            None => scaling::scale(&sum.id, parts, uses, &drawn)?,
        };
        for (one, deviation) in uses.iter().zip(scaled.deviations) {
            outputs[one.place].bits = one.bits();
            outputs[one.place].deviation += deviation;
        }
        sums.extend(scaled.sums);
        scalings.push(scaled.scaling);
    }
    let program =
        backend::program(intake.bits(), sums).map_err(|error| refused(error, &scalings))?;
    let summary = ProgramSummary {
        features: intake.features().len(),
        bits: intake.bits(),
        cmuxes: program.cmuxes(),
        sums: scalings,
        outputs,
    };
    let compiled = Compiled { program, summary };
    for example in protocol.examples() {
        let bits = intake.encode(&example.full_answers(protocol))?.bits;
        let raw = compiled.program.evaluate(&bits)?;
        example.compare(protocol, &raw).map_err(CompileError::Example)?;
    }
    Ok(compiled)
}

/// Says where a program that takes too much takes most.
fn refused(error: cso_fhe::ProgramError, sums: &[SumScaling]) -> CompileError {
    use cso_fhe::ProgramError;
    let sum = match &error {
        ProgramError::TooManyCmuxes(_) => sums.iter().max_by_key(|sum| sum.nodes),
        ProgramError::DiagramTooWide { sum, .. } => sums.get(*sum),
        _ => None,
    };
    let Some(SumScaling { id, nodes, trees, .. }) = sum else {
        return error.into();
    };
    let TreeLowering { as_they_stand, in_order } = trees;
    CompileError::TooLarge {
        error,
        sum: id.clone(),
        nodes: *nodes,
        tree_nodes: as_they_stand.nodes + in_order.nodes,
        trees: as_they_stand.trees + in_order.trees,
    }
}

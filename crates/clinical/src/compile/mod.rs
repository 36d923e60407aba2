// SPDX-License-Identifier: Apache-2.0
//! The compiler: from a protocol to a program of `cso_fhe`.
//!
//! Terms become weights on bits and reduced decision diagrams ([`lower`], [`shapes`], [`product`]),
//! real numbers become whole points that fit the table ([`fit`]), and the result is handed to
//! `cso_fhe` in one place ([`backend`]; [`cost`] reckons what that costs). The worked examples of
//! the protocol are run through the finished program.

mod agreement;
mod backend;
mod cost;
mod diagram;
mod fit;
mod lower;
mod plan;
mod product;
mod report;
mod shapes;

pub use agreement::{agreement, Agreement, OutputAgreement, RankingAgreement};
pub use cost::Cost;
pub use report::{OutputReport, Report, SumReport};

use thiserror::Error;

use crate::intake::IntakeError;
use crate::protocol::{ExampleError, Protocol};

/// A protocol ready for encrypted records.
#[derive(Debug)]
pub struct Compiled {
    /// The program: reads the intake's bits, gives the outputs in order.
    pub program: cso_fhe::Program,
    /// Size and accuracy.
    pub report: Report,
}

/// Why a model doesn't become a program.
#[derive(Debug, Error)]
pub enum CompileError {
    /// The diagrams explode.
    #[error("the model needs more than {most} decision nodes: use fewer features in one term or coarser steps")]
    TooManyNodes {
        /// The bound.
        most: usize,
    },
    /// Nothing depends on the answers.
    #[error("sum `{sum}` doesn't depend on any answer: give its terms points")]
    Constant {
        /// The sum.
        sum: String,
    },
    /// So many parts that whole points can't be told from rounding.
    #[error("sum `{sum}` has {parts} numbers, too many to round into a table of 2048 entries: split it into outputs of fewer terms")]
    TooManyParts {
        /// The sum.
        sum: String,
        /// How many there are.
        parts: usize,
    },
    /// A value beyond what the output describes.
    #[error("output `{output}` can become {value}, outside of its {min} to {max}: widen the output or set `clamp = true` in `[[model.output]]`")]
    OutputRange {
        /// The output.
        output: String,
        /// The value.
        value: f64,
        /// The least value described.
        min: f64,
        /// The greatest value described.
        max: f64,
    },
    /// An example gives another result when compiled.
    #[error("compiled program: {0}: rounding moves it, use finer outputs or fewer terms")]
    Example(ExampleError),
    /// The answers of an example don't fit.
    #[error(transparent)]
    Answers(#[from] IntakeError),
    /// `cso_fhe` refuses the program.
    #[error("the program is refused: {0}")]
    Program(#[from] cso_fhe::ProgramError),
}

/// Compiles a protocol.
pub fn compile(protocol: &Protocol) -> Result<Compiled, CompileError> {
    let intake = protocol.intake();
    let model = protocol.model();
    let mut manager = diagram::Manager::new(intake);
    let mut plans = Vec::with_capacity(model.sums.len());
    let mut sums = Vec::with_capacity(model.sums.len());
    let mut outputs = Vec::with_capacity(protocol.outputs().len());
    for (index, sum) in model.sums.iter().enumerate() {
        let own: Vec<_> = protocol
            .outputs()
            .iter()
            .zip(&model.links)
            .filter(|(_, link)| link.sum == index)
            .collect();
        let parts = lower::lower(sum, &model.join, intake, &mut manager)?;
        let (plan, report) = fit::fit(&sum.id, &parts, &manager, &own)?;
        for (((output, _), table), deviation) in
            own.iter().zip(&plan.tables).zip(&report.output_deviations)
        {
            outputs.push(OutputReport {
                id: output.id.clone(),
                bits: table.bits,
                deviation: *deviation,
            });
        }
        plans.push(plan);
        sums.push(report);
    }
    let program = backend::program(intake.bits(), plans)?;
    let report = Report {
        features: intake.features().len(),
        bits: intake.bits(),
        cmuxes: program.cmuxes(),
        sums,
        outputs,
    };
    let compiled = Compiled { program, report };
    for example in protocol.examples() {
        let bits = intake.encode(&example.full_answers(protocol))?.bits;
        let raw = compiled.program.evaluate(&bits)?;
        example.compare(protocol, &raw).map_err(CompileError::Example)?;
    }
    Ok(compiled)
}

// SPDX-License-Identifier: Apache-2.0
//! `cso protocol`: protocol files, without a chain: checking, evaluating in clear and encrypted,
//! making them from model files.

mod cases;
mod check;
mod compared;
mod edges_key;
mod encrypted;
mod eval;
mod import;
pub(crate) mod questionnaire;
mod read;
mod template;

use crate::{context::Context, report::Report};
use anyhow::Result;
use clap::Subcommand;
use read::read_protocol;
use std::path::PathBuf;

/// Verbs of protocol files.
#[derive(Subcommand, Debug)]
pub(crate) enum Protocol {
    /// Read, compile and test a protocol file; say what it costs and how private it is
    #[command(
        after_help = "Examples:\n  cso protocol check cha2ds2-vasc.toml\n  cso protocol check my-model.toml --cases held-out.csv"
    )]
    Check {
        /// Protocol file
        file: PathBuf,
        /// Also count in how many of these cases rounding changes the result: CSV as for `cso
        /// protocol eval`
        #[arg(long, value_name = "CSV")]
        cases: Option<PathBuf>,
        /// Also compare it on these cases with the model file that it was made of
        #[arg(long, value_name = "MODEL", requires = "cases")]
        against: Option<PathBuf>,
    },
    /// Evaluate a protocol file: one history or many cases, in clear or really encrypted
    #[command(
        after_help = "Examples:\n  cso protocol eval --protocol cha2ds2-vasc.toml --bundle history.json\n  cso protocol eval --protocol cha2ds2-vasc.toml -a age=70 -a sex=female … --encrypted\n  cso protocol eval --protocol cha2ds2-vasc.toml --cases cases.csv --out results.csv\n  cso protocol eval --protocol cha2ds2-vasc.toml --cases cases.csv --out results.csv --encrypted --profile fast"
    )]
    Eval(Box<eval::Eval>),
    /// Make a protocol file from a model file: XGBoost, LightGBM, CatBoost, ONNX, PMML, JSON of the
    /// exporters
    #[command(
        after_help = "Examples:\n  cso protocol import model.json --data training.csv --out my-model.toml\n  cso protocol import cox.pmml --data training.csv --held-out test.csv --horizon 5 --out risk.toml\n\nThe key in edges.key beside the protocol file hides the model's limits among other edges of the public intake. Keep it with your salts: later versions need it."
    )]
    Import(import::Import),
    /// Print the header of a CSV of cases, with one example row
    #[command(
        after_help = "Examples:\n  cso protocol template cha2ds2-vasc.toml --out cases.csv\n  cso protocol template model.json      what --data of `cso protocol import` must have"
    )]
    Template(template::Template),
    /// Print the questions of a protocol file as a FHIR Questionnaire
    #[command(
        after_help = "Example:\n  cso protocol questionnaire cha2ds2-vasc.toml --out questionnaire.json"
    )]
    Questionnaire {
        /// Protocol file
        file: PathBuf,
        #[command(flatten)]
        to: questionnaire::Out,
    },
}

impl Protocol {
    pub(crate) fn run(self, context: &mut Context) -> Result<Report> {
        match self {
            Self::Check { file, cases, against } => {
                check::check(context, &file, cases.as_deref(), against.as_deref())
            }
            Self::Eval(flags) => flags.run(context),
            Self::Import(flags) => flags.run(context),
            Self::Template(flags) => flags.run(context),
            Self::Questionnaire { file, to } => {
                questionnaire::questionnaire(&read_protocol(&file)?.description(), &to)
            }
        }
    }
}

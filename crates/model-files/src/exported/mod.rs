// SPDX-License-Identifier: Apache-2.0
//! Files of the exporters (`exporters/`): one plain JSON for models of any library, described in
//! `docs/exporters.md`. A file that doesn't answer its own sample as it says is refused.

mod axis;
mod columns;
mod problem;
mod terms;

use serde::Deserialize;

use crate::either::Numbers;
use crate::target::MAX_CLASSES;
use crate::{
    shorten, Cell, Column, ColumnKind, Curve, ModelFile, ModelFileError, Prediction, Scale, Share,
    Sum, Target, VerifiedCase,
};
use columns::{Columns, DerivedText, FeatureText};
use terms::SumText;

const FORMAT: &str = "cso-model";
/// The version that is read.
const VERSION: u32 = 1;
/// Most sums that are added up after their curves.
const MAX_SUMS: usize = 256;
/// Most curves of a sum.
const MAX_CURVES: usize = 8;
/// Furthest that an answer may be from the sample's: libraries that add in single precision are
/// no closer.
const TOLERANCE: f64 = 1e-5;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    version: u32,
    #[serde(default, rename = "made_by")]
    _made_by: serde_json::Value,
    features: Vec<FeatureText>,
    #[serde(default)]
    derived: Vec<DerivedText>,
    outcome: OutcomeText,
    sums: Vec<SumText>,
    output: OutputText,
    sample: SampleText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutcomeText {
    name: String,
    kind: String,
    #[serde(default)]
    classes: Vec<String>,
    #[serde(default, rename = "unit")]
    _unit: Option<String>,
    #[serde(default)]
    horizon: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutputText {
    #[serde(default)]
    parts: Vec<PartText>,
    #[serde(default)]
    share: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartText {
    curves: Vec<CurveText>,
}

#[derive(Deserialize)]
#[serde(try_from = "serde_json::Value")]
enum CurveText {
    Name(String),
    Line { times: f64, plus: f64 },
    Lines { lines: Vec<(f64, f64)> },
}

impl TryFrom<serde_json::Value> for CurveText {
    type Error = &'static str;

    fn try_from(value: serde_json::Value) -> Result<Self, Self::Error> {
        use serde_json::Value;
        let pair = |point: &Value| match point.as_array().map(Vec::as_slice) {
            Some([x, y]) => Some((x.as_f64()?, y.as_f64()?)),
            _ => None,
        };
        let of_object = || {
            let fields = value.as_object()?;
            match (fields.get("times"), fields.get("plus"), fields.get("lines"), fields.len()) {
                (Some(times), Some(plus), None, 2) => {
                    Some(Self::Line { times: times.as_f64()?, plus: plus.as_f64()? })
                }
                (None, None, Some(lines), 1) => {
                    let lines = lines.as_array()?.iter().map(pair).collect::<Option<_>>()?;
                    Some(Self::Lines { lines })
                }
                _ => None,
            }
        };
        let name = value.as_str().map(|name| Self::Name(name.to_owned()));
        name.or_else(of_object).ok_or("a curve is a name, `times` and `plus`, or `lines`")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleText {
    columns: Vec<String>,
    rows: Vec<Vec<CellText>>,
    values: Vec<ValueText>,
}

/// A number, a text, or null where the value is missing.
#[derive(Clone, Deserialize)]
#[serde(try_from = "serde_json::Value")]
enum CellText {
    Number(f64),
    Text(String),
    Missing,
}

impl TryFrom<serde_json::Value> for CellText {
    type Error = &'static str;

    fn try_from(value: serde_json::Value) -> Result<Self, Self::Error> {
        let number = value.as_f64().map(Self::Number);
        let text = || value.as_str().map(|text| Self::Text(text.to_owned()));
        let missing = || value.is_null().then_some(Self::Missing);
        number.or_else(text).or_else(missing).ok_or("a cell is a number, a text or null")
    }
}

#[derive(Deserialize)]
#[serde(try_from = "serde_json::Value")]
struct ValueText(Numbers);

impl TryFrom<serde_json::Value> for ValueText {
    type Error = &'static str;

    fn try_from(value: serde_json::Value) -> Result<Self, Self::Error> {
        let refused = |_| "a value of the sample is a number or a list of numbers";
        Numbers::try_from(value).map(Self).map_err(refused)
    }
}

impl CellText {
    fn cell(&self) -> Cell {
        match self {
            Self::Number(number) => Cell::Number(*number),
            Self::Text(text) => Cell::Text(text.as_str().into()),
            Self::Missing => Cell::Missing,
        }
    }
}

fn refuse(problem: impl Into<String>) -> ModelFileError {
    ModelFileError::Syntax { format: FORMAT, problem: problem.into() }
}

fn unsupported(element: String, instead: &'static str) -> ModelFileError {
    ModelFileError::Unsupported { format: FORMAT, element, instead }
}

/// Reads a file that an exporter wrote.
pub(crate) fn exported(json: &str) -> Result<ModelFile, ModelFileError> {
    let file: File = serde_json::from_str(json).map_err(|error| refuse(error.to_string()))?;
    if file.format != FORMAT {
        return Err(refuse(format!("`format` is `{}`", shorten(&file.format))));
    }
    if file.version != VERSION {
        let element = format!("version {}", file.version);
        return Err(unsupported(element, "export the model with the exporter of this program"));
    }
    if file.outcome.horizon.is_some_and(|horizon| !horizon.is_finite() || horizon <= 0.0) {
        return Err(refuse("`horizon` is no time"));
    }
    if file.sums.is_empty() || file.sums.len() > MAX_SUMS {
        let count = file.sums.len();
        return Err(refuse(format!("{count} sums, 1 to {MAX_SUMS} are read")));
    }
    let columns = Columns::read(&file.features, &file.derived)?;
    let target = target(&file.outcome, &file.output, file.sums.len())?;
    let sums = file.sums.into_iter().map(|sum| terms::sum(sum, &columns));
    let sums = sums.collect::<Result<Vec<Sum>, _>>()?;
    let mut model = ModelFile::new(FORMAT, columns.into_columns(), sums, target);
    // Cases hold the columns that are left.
    model.drop_unused();
    model.verified = cases(&file.sample, &model)?;
    check(&model, &file.outcome.name)?;
    Ok(model)
}

fn target(
    outcome: &OutcomeText,
    output: &OutputText,
    sums: usize,
) -> Result<Target, ModelFileError> {
    let labels = &outcome.classes;
    match (outcome.kind.as_str(), &output.share) {
        ("classes", Some(share)) if output.parts.is_empty() => {
            if labels.len() != sums || !(2..=MAX_CLASSES).contains(&labels.len()) {
                let found = format!("{} classes and {sums} sums", labels.len());
                return Err(refuse(format!("{found}: a sum a class, 2 to {MAX_CLASSES} are read")));
            }
            Ok(Target::Classes { labels: labels.clone(), share: share_of(share)? })
        }
        ("probability", None) => match labels.as_slice() {
            [first, second] => Ok(Target::Probability {
                labels: [first.clone(), second.clone()],
                scales: scales(&output.parts, sums)?,
            }),
            _ => Err(refuse(format!("a probability has 2 classes, not {}", labels.len()))),
        },
        ("number", None) => Ok(Target::Number(scales(&output.parts, sums)?)),
        ("classes" | "probability" | "number", _) => {
            Err(refuse("`output` has `share` for classes, `parts` for a number or probability"))
        }
        (other, _) => Err(unsupported(
            format!("outcome kind `{}`", shorten(other)),
            "it is `number`, `probability` or `classes`",
        )),
    }
}

fn share_of(name: &str) -> Result<Share, ModelFileError> {
    Ok(match name {
        "softmax" => Share::Softmax,
        "proportion" => Share::Proportion,
        "logistic" => Share::Logistic,
        "logistic-proportion" => Share::LogisticProportion,
        "scores" => Share::Scores,
        other => {
            return Err(unsupported(
                format!("share `{}`", shorten(other)),
                "it is `softmax`, `proportion`, `logistic`, `logistic-proportion` or `scores`",
            ))
        }
    })
}

fn scales(parts: &[PartText], sums: usize) -> Result<Vec<Scale>, ModelFileError> {
    if parts.len() != sums {
        return Err(refuse(format!("{} parts of the output for {sums} sums", parts.len())));
    }
    parts.iter().map(scale).collect()
}

fn scale(part: &PartText) -> Result<Scale, ModelFileError> {
    if part.curves.len() > MAX_CURVES {
        let count = part.curves.len();
        return Err(refuse(format!("{count} curves of a sum, at most {MAX_CURVES} are read")));
    }
    let mut scale = Scale::IDENTITY;
    scale.curves = part.curves.iter().map(curve).collect::<Result<_, _>>()?;
    // Lines at the end are the scale's own factor and summand.
    while let Some(Curve::Line { times, plus }) = scale.curves.last() {
        scale.plus += scale.times * plus;
        scale.times *= times;
        scale.curves.pop();
    }
    Ok(scale)
}

fn curve(text: &CurveText) -> Result<Curve, ModelFileError> {
    match text {
        CurveText::Name(name) => Ok(match name.as_str() {
            "logistic" => Curve::Logistic,
            "exp" => Curve::Exp,
            "cloglog" => Curve::Cloglog,
            "probit" => Curve::Probit,
            "signed_square" => Curve::SignedSquare,
            other => return Err(unsupported(
                format!("curve `{}`", shorten(other)),
                "it is `logistic`, `exp`, `cloglog`, `probit`, `signed_square`, a line or lines",
            )),
        }),
        CurveText::Line { times, plus } => Ok(Curve::Line { times: *times, plus: *plus }),
        CurveText::Lines { lines } => Ok(Curve::Lines(ascending(lines, "a curve of the output")?)),
    }
}

/// Points of which there are two or more, in ascending order.
fn ascending(points: &[(f64, f64)], of: &str) -> Result<Vec<(f64, f64)>, ModelFileError> {
    let finite = points.iter().all(|point| point.0.is_finite() && point.1.is_finite());
    if points.len() < 2 || !finite || points.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
        return Err(refuse(format!("{of}: there must be two or more points that ascend")));
    }
    Ok(points.to_vec())
}

/// The sample as cases of the columns that the model reads.
fn cases(sample: &SampleText, model: &ModelFile) -> Result<Vec<VerifiedCase>, ModelFileError> {
    if sample.rows.len() != sample.values.len() || sample.rows.is_empty() {
        let (rows, values) = (sample.rows.len(), sample.values.len());
        return Err(refuse(format!("a sample of {rows} rows and {values} values")));
    }
    let place = |column: &Column| match column.kind {
        ColumnKind::Derived(_) => Ok(None),
        _ => match sample.columns.iter().position(|name| *name == column.name) {
            Some(place) => Ok(Some(place)),
            None => Err(refuse(format!("the sample lacks `{}`", shorten(&column.name)))),
        },
    };
    let places = model.columns.iter().map(place).collect::<Result<Vec<_>, _>>()?;
    let mut cases = Vec::with_capacity(sample.rows.len());
    for (row, value) in sample.rows.iter().zip(&sample.values) {
        if row.len() != sample.columns.len() {
            return Err(refuse(format!("a row of the sample has {} cells", row.len())));
        }
        let mut case: Vec<Cell> = Vec::with_capacity(places.len());
        for (column, place) in model.columns.iter().zip(&places) {
            let cell = match (&column.kind, place) {
                (ColumnKind::Derived(expression), _) => {
                    expression.value(&case).map_or(Cell::Missing, Cell::Number)
                }
                (_, Some(place)) => row[*place].cell(),
                (_, None) => Cell::Missing,
            };
            case.push(match cell {
                Cell::Number(number) if column.missing_codes.contains(&number) => Cell::Missing,
                cell => cell,
            });
        }
        let values = match value {
            ValueText(Numbers::One(value)) => vec![*value],
            ValueText(Numbers::Several(values)) => values.clone(),
        };
        cases.push(VerifiedCase { case, prediction: Prediction { values, class: None } });
    }
    Ok(cases)
}

/// Holds the model against its sample.
fn check(model: &ModelFile, outcome: &str) -> Result<(), ModelFileError> {
    for (index, verified) in model.verified.iter().enumerate() {
        let wanted = &verified.prediction.values;
        let found = model.predict(&verified.case).map(|prediction| prediction.values);
        let near = |(a, b): (&f64, &f64)| (a - b).abs() <= TOLERANCE * b.abs().max(1.0);
        let same =
            |found: &Vec<f64>| found.len() == wanted.len() && found.iter().zip(wanted).all(near);
        if !found.as_ref().is_some_and(same) {
            let found = found.map_or("missing".to_owned(), |found| format!("{found:?}"));
            return Err(refuse(format!(
                "row {} of its sample: `{}` should be {}, it is {}",
                index + 1,
                shorten(outcome),
                shorten(&format!("{wanted:?}")),
                shorten(&found)
            )));
        }
    }
    Ok(())
}

// SPDX-License-Identifier: Apache-2.0
//! ONNX with the operators of `ai.onnx.ml` (<https://onnx.ai/onnx/operators/>), as skl2onnx writes
//! scikit-learn's models: scalers,
//! linear models, tree ensembles.
//!
//! The graph is read once, in its order: tensors of features are lists of functions of one column,
//! one operator is the model, and what follows it may only pass its results on. Numbers have single
//! precision, as in onnxruntime.

mod linear;
mod proto;
mod scale;
mod trees;

use std::collections::HashMap;
use std::sync::Arc;

use prost::Message;

use crate::column::MAX_FEATURES;
use crate::target::MAX_CLASSES;
use crate::{
    shorten, Cell, Column, ColumnKind, Function, ModelFile, ModelFileError, Operation, Scale,
    Share, Sum, Target, Variable,
};
use proto::{Graph, Node, ValueInfo};
use scale::{arithmetic, doubles, spread};

const FORMAT: &str = "ONNX";
/// Most operations of a graph.
const MAX_NODES: usize = 10_000;

fn refuse(problem: impl Into<String>) -> ModelFileError {
    ModelFileError::Syntax { format: FORMAT, problem: problem.into() }
}

fn unsupported(element: impl Into<String>, instead: &'static str) -> ModelFileError {
    ModelFileError::Unsupported { format: FORMAT, element: element.into(), instead }
}

/// What a name in the graph stands for.
#[derive(Clone)]
enum Value {
    /// One function of a column for each entry.
    Features(Vec<Variable>),
    /// Numbers.
    Constant(Vec<f64>),
    /// A result of the model: labels, probabilities, numbers.
    Result,
}

/// What the model's operator predicts with.
struct Predictor {
    sums: Vec<Sum>,
    target: Target,
}

/// Reads an ONNX file.
pub(crate) fn onnx(bytes: &[u8]) -> Result<ModelFile, ModelFileError> {
    let model = proto::Model::decode(bytes).map_err(|_| ModelFileError::UnknownFormat)?;
    let graph = match (model.ir_version, model.graph) {
        (1.., Some(graph)) => graph,
        _ => return Err(ModelFileError::UnknownFormat),
    };
    if graph.node.len() > MAX_NODES {
        return Err(refuse(format!(
            "{} operations, at most {MAX_NODES} are read",
            graph.node.len()
        )));
    }
    let mut reader = Reader { columns: Vec::new(), values: HashMap::new(), predictor: None };
    let unnamed = reader.inputs(&graph)?;
    for node in &graph.node {
        reader.node(node)?;
    }
    let predictor = reader.predictor.ok_or_else(|| {
        refuse("the graph has no model: LinearClassifier, LinearRegressor or TreeEnsemble…")
    })?;
    let Predictor { sums, target } = predictor;
    Ok(ModelFile { unnamed, ..ModelFile::new(FORMAT, reader.columns, sums, target) })
}

struct Reader {
    columns: Vec<Column>,
    values: HashMap<String, Value>,
    predictor: Option<Predictor>,
}

impl Reader {
    /// Makes columns of the inputs. An input of several columns has no names for them: gives how
    /// many there are.
    fn inputs(&mut self, graph: &Graph) -> Result<Option<usize>, ModelFileError> {
        for tensor in &graph.initializer {
            let numbers = tensor.numbers().ok_or_else(|| {
                unsupported(
                    format!("the element type of constant `{}`", shorten(&tensor.name)),
                    "use float, double or int64",
                )
            })?;
            self.values.insert(tensor.name.clone(), Value::Constant(numbers));
        }
        let inputs: Vec<&ValueInfo> =
            graph.input.iter().filter(|input| !self.values.contains_key(&input.name)).collect();
        let mut unnamed = None;
        for input in &inputs {
            let width = width(input)?;
            if self.columns.len() + width > MAX_FEATURES {
                return Err(refuse(format!("more than {MAX_FEATURES} features")));
            }
            let first = self.columns.len();
            for index in 0..width {
                let name = match width {
                    1 => input.name.clone(),
                    _ => format!("{}{index}", input.name),
                };
                let kind = ColumnKind::Number { range: None };
                let place = first + index;
                self.columns.push(Column::new(name, kind, place));
            }
            if width > 1 {
                if inputs.len() > 1 {
                    return Err(unsupported(
                        format!(
                            "input `{}` of {width} columns beside others",
                            shorten(&input.name)
                        ),
                        "convert with one input a column, or one for all",
                    ));
                }
                unnamed = Some(width);
            }
            let features = (first..first + width).map(Variable::input).collect();
            self.values.insert(input.name.clone(), Value::Features(features));
        }
        Ok(unnamed)
    }

    fn value(&self, name: &str) -> Result<&Value, ModelFileError> {
        self.values
            .get(name)
            .ok_or_else(|| refuse(format!("nothing gives `{}` before it is used", shorten(name))))
    }

    fn input(&self, node: &Node, index: usize) -> Result<&Value, ModelFileError> {
        let name = node
            .input
            .get(index)
            .ok_or_else(|| refuse(format!("a {} lacks an input", shorten(&node.op_type))))?;
        self.value(name)
    }

    /// The features that go into an operator.
    fn features(&self, node: &Node) -> Result<Vec<Variable>, ModelFileError> {
        match self.input(node, 0)? {
            Value::Features(features) => Ok(features.clone()),
            _ => Err(unsupported(
                format!("{} on something else than features", shorten(&node.op_type)),
                "export the model without steps behind it",
            )),
        }
    }

    fn node(&mut self, node: &Node) -> Result<(), ModelFileError> {
        let result = match node.op_type.as_str() {
            "Identity" | "Cast" => self.input(node, 0)?.clone(),
            "Constant" => {
                let numbers = node.tensor("value").and_then(proto::Tensor::numbers);
                Value::Constant(numbers.ok_or_else(|| refuse("a Constant has no numbers"))?)
            }
            "Concat" | "FeatureVectorizer" => {
                let mut all = Vec::new();
                for index in 0..node.input.len() {
                    match self.input(node, index)? {
                        Value::Features(features) => all.extend(features.iter().cloned()),
                        _ => return Err(unsupported("Concat of constants or results", "join features only")),
                    }
                    if all.len() > MAX_FEATURES {
                        return Err(refuse(format!("a Concat has more than {MAX_FEATURES} entries")));
                    }
                }
                Value::Features(all)
            }
            "Scaler" => {
                let features = self.features(node)?;
                let (offset, scale) = (node.floats("offset"), node.floats("scale"));
                let moved = arithmetic(features, &doubles(offset), Operation::Subtract, "Scaler")?;
                Value::Features(arithmetic(moved, &doubles(scale), Operation::Multiply, "Scaler")?)
            }
            "Add" => self.arithmetic(node, Operation::Add)?,
            "Sub" => self.arithmetic(node, Operation::Subtract)?,
            "Mul" => self.arithmetic(node, Operation::Multiply)?,
            "Div" => self.arithmetic(node, Operation::Divide)?,
            "Imputer" => self.impute(node)?,
            "ArrayFeatureExtractor" => {
                let features = self.features(node)?;
                let Value::Constant(picked) = self.input(node, 1)? else {
                    return Err(unsupported("ArrayFeatureExtractor by computed indices", "pick columns by constants"));
                };
                let pick = |index: &f64| features.get(*index as usize).cloned();
                let picked: Option<Vec<Variable>> = picked.iter().map(pick).collect();
                Value::Features(picked.ok_or_else(|| refuse("an ArrayFeatureExtractor picks a column that isn't there"))?)
            }
            "LinearClassifier" => self.model(linear::classifier(node, &self.features(node)?)?)?,
            "LinearRegressor" => self.model(linear::regressor(node, &self.features(node)?)?)?,
            "TreeEnsembleClassifier" => self.model(trees::classifier(node, &self.features(node)?)?)?,
            "TreeEnsembleRegressor" => self.model(trees::regressor(node, &self.features(node)?)?)?,
            "ZipMap" if matches!(self.input(node, 0)?, Value::Result) => Value::Result,
            "Normalizer" if matches!(self.input(node, 0)?, Value::Result) => self.normalise(node)?,
            other => {
                return Err(unsupported(
                    format!("operator {}", shorten(other)),
                    "export scalers, linear models and tree ensembles alone (TreeEnsemble… of ai.onnx.ml 1 to 3)",
                ))
            }
        };
        for output in &node.output {
            self.values.insert(output.clone(), result.clone());
        }
        Ok(())
    }

    fn model(&mut self, predictor: Predictor) -> Result<Value, ModelFileError> {
        if self.predictor.replace(predictor).is_some() {
            return Err(unsupported("a second model in one graph", "export one model a file"));
        }
        Ok(Value::Result)
    }

    /// Features and a constant, in either order.
    fn arithmetic(&self, node: &Node, operation: Operation) -> Result<Value, ModelFileError> {
        let commutes = matches!(operation, Operation::Add | Operation::Multiply);
        let (features, constant) = match (self.input(node, 0)?, self.input(node, 1)?) {
            (Value::Features(features), Value::Constant(constant)) => (features, constant),
            (Value::Constant(constant), Value::Features(features)) if commutes => {
                (features, constant)
            }
            _ => {
                return Err(unsupported(
                    format!(
                        "{} of other things than features and a constant",
                        shorten(&node.op_type)
                    ),
                    "scale features before the model only",
                ))
            }
        };
        arithmetic(features.clone(), constant, operation, &node.op_type).map(Value::Features)
    }

    fn impute(&self, node: &Node) -> Result<Value, ModelFileError> {
        let replacements = doubles(node.floats("imputed_value_floats"));
        if node.has("replaced_value_int64")
            || !node.float("replaced_value_float", f32::NAN).is_nan()
        {
            return Err(unsupported(
                "an Imputer of other values than NaN",
                "leave missing cells empty",
            ));
        }
        let features = self.features(node)?;
        let fill = |(feature, value): (Variable, f64)| Variable {
            column: feature.column,
            function: Arc::new(Function::Default(feature.function, Cell::Number(value))),
        };
        let spread = spread(&replacements, features.len(), "Imputer")?;
        Ok(Value::Features(features.into_iter().zip(spread).map(fill).collect()))
    }

    /// A Normalizer on the model's probabilities: they are divided by their sum.
    fn normalise(&mut self, node: &Node) -> Result<Value, ModelFileError> {
        let norm = node.text("norm", "MAX");
        match self.predictor.as_mut().map(|predictor| &mut predictor.target) {
            Some(Target::Classes { share, .. }) if norm == "L1" => {
                *share = match *share {
                    Share::Logistic => Share::LogisticProportion,
                    Share::Scores => Share::Proportion,
                    other => other,
                };
            }
            Some(Target::Probability { .. }) if norm == "L1" => {}
            _ => {
                return Err(unsupported(
                    format!("Normalizer {}", shorten(norm)),
                    "normalise probabilities by L1 only",
                ))
            }
        }
        Ok(Value::Result)
    }
}

/// Columns of an input tensor.
fn width(input: &ValueInfo) -> Result<usize, ModelFileError> {
    let tensor = input.r#type.as_ref().and_then(|kind| kind.tensor_type.as_ref());
    let name = shorten(&input.name);
    let tensor = tensor.ok_or_else(|| {
        unsupported(format!("input `{name}` that is no tensor"), "use one tensor of numbers")
    })?;
    if ![proto::FLOAT, proto::DOUBLE, proto::INT64, proto::INT32, proto::BOOL]
        .contains(&tensor.elem_type)
    {
        return Err(unsupported(
            format!("input `{name}` of texts"),
            "encode categories as numbers before the model",
        ));
    }
    let last = tensor.shape.as_ref().and_then(|shape| shape.dim.last());
    match last.map(|dim| dim.dim_value) {
        Some(width @ 1..) if width as usize <= MAX_FEATURES => Ok(width as usize),
        Some(width) => {
            Err(refuse(format!("input `{name}` has {width} columns, 1 to {MAX_FEATURES} are read")))
        }
        None => Err(refuse(format!("input `{name}` doesn't say how many columns it has"))),
    }
}

/// The classes of a classifier.
fn labels(node: &Node, numbers: &'static str) -> Result<Vec<String>, ModelFileError> {
    let texts = node.texts("classlabels_strings");
    let labels = if texts.is_empty() {
        node.ints(numbers).iter().map(i64::to_string).collect()
    } else {
        texts
    };
    if !(2..=MAX_CLASSES).contains(&labels.len()) {
        return Err(refuse(format!(
            "a classifier has {} class labels, 2 to {} are read",
            labels.len(),
            MAX_CLASSES
        )));
    }
    Ok(labels)
}

/// The probability of the second of two classes.
fn binary(labels: [String; 2], scale: Scale, sum: Sum) -> Predictor {
    Predictor { sums: vec![sum], target: Target::Probability { labels, scales: vec![scale] } }
}

fn unknown_transform(post: &str) -> ModelFileError {
    unsupported(format!("post_transform {}", shorten(post)), "use NONE, LOGISTIC or SOFTMAX")
}

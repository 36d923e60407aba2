// SPDX-License-Identifier: Apache-2.0
//! ONNX (<https://onnx.ai/onnx/operators/>), as converters write the models of scikit-learn, of the
//! boosters and of linear layers.
//!
//! The graph is computed once for one case whose values aren't known: an entry of a tensor is a
//! function of one column, a sum of such and of trees, or curves of sums ([`affine`]). The outputs
//! say what the sums stand for ([`output`]). What can't be kept in that form is refused, so nothing
//! is passed on unread. Features have single precision, as in onnxruntime.

mod affine;
mod arithmetic;
mod bounds;
mod choice;
mod columns;
mod decide;
mod encode;
mod ensemble;
mod linear;
mod operators;
mod output;
mod pick;
mod products;
mod proto;
mod shapes;
mod share;
mod tensor;
mod trees;
mod unary;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use prost::Message;

use crate::column::MAX_FEATURES;
use crate::target::MAX_CLASSES;
use crate::{shorten, Cell, ColumnKind, ModelFile, ModelFileError, Variable};
use affine::Affine;
use choice::Choice;
use columns::Columns;
use output::Given;
use proto::{Graph, Node, ValueInfo};
use tensor::{Category, Item, Kind, Tensor};

const FORMAT: &str = "ONNX";
/// Most operations of a graph.
const MAX_NODES: usize = 10_000;

fn refuse(problem: impl Into<String>) -> ModelFileError {
    ModelFileError::Syntax { format: FORMAT, problem: problem.into() }
}

fn unsupported(element: impl Into<String>, instead: &'static str) -> ModelFileError {
    ModelFileError::Unsupported { format: FORMAT, element: element.into(), instead }
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
    if !graph.sparse_initializer.is_empty() {
        return Err(unsupported("a sparse constant", "write constants in full"));
    }
    let mut reader = Reader::default();
    let ml = model.opset_import.iter().find(|opset| opset.domain == "ai.onnx.ml");
    reader.columns.ml_version = ml.map_or(1, |opset| opset.version);
    let unnamed = reader.inputs(&graph)?;
    for (node, needed) in graph.node.iter().zip(needed(&graph)) {
        if needed {
            reader.node(node)?;
        }
    }
    let outputs = reader.outputs(&graph)?;
    let (sums, target) = output::predictor(&outputs)?;
    Ok(ModelFile { unnamed, ..ModelFile::new(FORMAT, reader.columns.list, sums, target) })
}

#[derive(Default)]
struct Reader {
    columns: Columns,
    values: HashMap<String, Rc<Tensor>>,
    /// The classes of outputs that name them.
    maps: HashMap<String, Vec<Cell>>,
    size: usize,
}

impl Reader {
    fn put(&mut self, name: &str, tensor: Tensor) -> Result<(), ModelFileError> {
        let size: usize = tensor.items.iter().map(Item::size).sum();
        self.size = self.size.saturating_add(size);
        tensor::bounded(self.size)?;
        self.values.insert(name.to_owned(), Rc::new(tensor));
        Ok(())
    }

    /// Makes columns of the inputs. An input of several columns has no names for them: gives how
    /// many there are.
    fn inputs(&mut self, graph: &Graph) -> Result<Option<usize>, ModelFileError> {
        for tensor in &graph.initializer {
            self.put(&tensor.name, Tensor::of_constant(tensor)?)?;
        }
        let inputs: Vec<&ValueInfo> =
            graph.input.iter().filter(|input| !self.values.contains_key(&input.name)).collect();
        let mut unnamed = None;
        for input in &inputs {
            let Shape { kind, dims, width } = shape(input)?;
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
            let mut items = Vec::with_capacity(width);
            for index in 0..width {
                let name = match width {
                    1 => input.name.clone(),
                    _ => format!("{}{index}", input.name),
                };
                let variable = Variable::input(self.columns.list.len());
                let column = match kind {
                    Kind::Text => ColumnKind::Category { values: Vec::new() },
                    _ => ColumnKind::Number { range: None },
                };
                self.columns.input(name, column)?;
                items.push(match kind {
                    Kind::Text => Item::Category(Category { variable, digits: false }),
                    _ => Item::Number(Affine::variable(variable)),
                });
            }
            self.put(&input.name, Tensor::new(kind, dims, items)?)?;
        }
        Ok(unnamed)
    }

    fn node(&mut self, node: &Node) -> Result<(), ModelFileError> {
        let mut inputs = Vec::with_capacity(node.input.len());
        for name in &node.input {
            inputs.push(match name.as_str() {
                "" => None,
                name => Some(self.values.get(name).cloned().ok_or_else(|| {
                    refuse(format!("nothing gives `{}` before it is used", shorten(name)))
                })?),
            });
        }
        if let Some(output) = node.output.iter().find(|output| !output.is_empty()) {
            self.columns.output = shorten(output);
        }
        if node.op_type == "ZipMap" {
            if let Some(output) = node.output.first() {
                self.maps.insert(
                    output.clone(),
                    labels(node, "classlabels_int64s").map(|labels| {
                        labels.into_iter().map(|label| Cell::Text(label.into())).collect()
                    })?,
                );
            }
        }
        let results = operators::operate(node, &inputs, &mut self.columns)?;
        for (name, result) in node.output.iter().zip(results) {
            if !name.is_empty() {
                self.put(name, result)?;
            }
        }
        Ok(())
    }

    /// What the graph gives; of one that doesn't say it, what no operation reads.
    fn outputs(&self, graph: &Graph) -> Result<Vec<Given>, ModelFileError> {
        let mut names: Vec<&str> = graph.output.iter().map(|output| output.name.as_str()).collect();
        if names.is_empty() {
            let read: HashSet<&String> = graph.node.iter().flat_map(|node| &node.input).collect();
            let all = graph.node.iter().flat_map(|node| &node.output);
            names = all.filter(|name| !read.contains(name)).map(String::as_str).collect();
        }
        let mut outputs = Vec::with_capacity(names.len());
        for name in names {
            let tensor = self
                .values
                .get(name)
                .ok_or_else(|| refuse(format!("nothing gives the output `{}`", shorten(name))))?;
            let labels = self.maps.get(name).cloned();
            let (name, tensor) = (name.to_owned(), (**tensor).clone());
            outputs.push(Given { name, tensor, labels });
        }
        Ok(outputs)
    }
}

/// Which operations lead to the outputs.
fn needed(graph: &Graph) -> Vec<bool> {
    let mut read: HashSet<&str> = graph.output.iter().map(|output| output.name.as_str()).collect();
    let mut needed = vec![graph.output.is_empty(); graph.node.len()];
    for (node, needed) in graph.node.iter().zip(&mut needed).rev() {
        *needed = *needed || node.output.iter().any(|output| read.contains(output.as_str()));
        if *needed {
            read.extend(node.input.iter().map(String::as_str));
        }
    }
    needed
}

/// The shape of an input for one case.
struct Shape {
    kind: Kind,
    dims: Vec<usize>,
    width: usize,
}

fn shape(input: &ValueInfo) -> Result<Shape, ModelFileError> {
    let tensor = input.r#type.as_ref().and_then(|kind| kind.tensor_type.as_ref());
    let name = shorten(&input.name);
    let tensor = tensor.ok_or_else(|| {
        unsupported(format!("input `{name}` that is no tensor"), "use one tensor of numbers")
    })?;
    let kind = Kind::of(tensor.elem_type).ok_or_else(|| {
        unsupported(
            format!("element type {} of input `{name}`", tensor.elem_type),
            "use float, double, whole numbers, bool or string",
        )
    })?;
    let unknown = || refuse(format!("input `{name}` doesn't say how many columns it has"));
    let dims = &tensor.shape.as_ref().ok_or_else(unknown)?.dim;
    let width = match &dims[..] {
        [] => return Err(unknown()),
        // One column, or one case.
        [only] => only.dim_value.max(1),
        [.., last] => last.dim_value,
    };
    let more = dims.iter().rev().skip(1).filter(|dim| dim.dim_value > 1).count();
    match usize::try_from(width) {
        Ok(width @ 1..=MAX_FEATURES) if more == 0 => {
            let mut dims = vec![1; dims.len()];
            if let Some(last) = dims.last_mut() {
                *last = width;
            }
            Ok(Shape { kind, dims, width })
        }
        _ if more > 0 => Err(unsupported(
            format!("input `{name}` of several rows"),
            "export the model for one case, or any number of cases",
        )),
        _ => {
            Err(refuse(format!("input `{name}` has {width} columns, 1 to {MAX_FEATURES} are read")))
        }
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

/// The class with the greatest value, and the values.
fn classified(labels: Vec<String>, values: Vec<Affine>) -> Result<Vec<Tensor>, ModelFileError> {
    let labels: Arc<[Cell]> = labels.iter().map(|label| label_cell(label)).collect();
    let choice = Item::Choice(Arc::new(Choice::of(values.clone())), labels);
    Ok(vec![Tensor::new(Kind::Whole, vec![1], vec![choice])?, Tensor::row(Kind::Single, values)])
}

/// A label as it meets others: a number where it is one.
fn label_cell(label: &str) -> Cell {
    match label.parse::<f64>() {
        Ok(number) if number.to_string() == label => Cell::Number(number),
        _ => Cell::Text(label.into()),
    }
}

/// onnxruntime leaves transforms of a single number out.
fn regressor_transform(post: &str) -> ModelFileError {
    unsupported(
        format!("post_transform {} of a regressor", shorten(post)),
        "runtimes differ in it: use NONE, and an operator such as Sigmoid behind",
    )
}

fn unknown_transform(post: &str) -> ModelFileError {
    unsupported(format!("post_transform {}", shorten(post)), "use NONE, LOGISTIC or SOFTMAX")
}

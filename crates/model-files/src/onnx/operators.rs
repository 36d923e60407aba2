// SPDX-License-Identifier: Apache-2.0
//! Which operator does what.

use std::rc::Rc;
use std::sync::Arc;

use super::affine::Affine;
use super::arithmetic::binary;
use super::columns::{variable, Columns};
use super::decide::{choose, compared, logic};
use super::encode::{along, binarize, cast, gap_as, impute, labels, one_hot};
use super::linear::doubles;
use super::pick::extreme;
use super::products::{divided, gemm, matmul, normalizer, reduce, softmaxes};
use super::proto::Node;
use super::shapes::{
    concat, extract, filled, flatten, gather, ints, reshape, slice, split, squeeze, transpose,
    unsqueeze,
};
use super::tensor::{each, Item, Kind, Tensor};
use super::unary::{clip, power, unary};
use super::{linear, refuse, trees, unsupported};
use crate::{Cell, Function, ModelFileError, Operation};

type Read<T> = Result<T, ModelFileError>;
type Inputs = [Option<Rc<Tensor>>];

fn input<'a>(node: &Node, inputs: &'a Inputs, index: usize) -> Read<&'a Tensor> {
    let input = inputs.get(index).and_then(Option::as_deref);
    input.ok_or_else(|| refuse(format!("a {} lacks an input", node.operator())))
}

/// What an operator gives for its inputs.
pub(super) fn operate(node: &Node, inputs: &Inputs, columns: &mut Columns) -> Read<Vec<Tensor>> {
    let name = node.op_type.as_str();
    if !matches!(node.domain.as_str(), "" | "ai.onnx" | "ai.onnx.ml") {
        return Err(unread(node));
    }
    if let "Constant" = name {
        return Ok(vec![constant(node)?]);
    }
    if let "Split" = name {
        return split(node, inputs, input(node, inputs, 0)?);
    }
    let all = || -> Read<Vec<&Tensor>> {
        (0..inputs.len()).map(|index| input(node, inputs, index)).collect()
    };
    let of = input(node, inputs, 0)?;
    let one = |index: usize| input(node, inputs, index);
    let result = match name {
        "LinearClassifier" => return linear::classifier(node, of),
        "LinearRegressor" => return linear::regressor(node, of),
        "TreeEnsembleClassifier" => return trees::classifier(node, of, columns),
        "TreeEnsembleRegressor" | "TreeEnsemble" => return trees::regressor(node, of, columns),
        "Identity" | "ZipMap" | "Dropout" => of.clone(),
        "Cast" => cast(of, node.int("to", 0), columns)?,
        "CastLike" => match one(1)?.kind {
            Kind::Single => cast(of, i64::from(super::proto::FLOAT), columns)?,
            Kind::Double => cast(of, i64::from(super::proto::DOUBLE), columns)?,
            _ => return Err(unread(node)),
        },
        "Concat" => concat(&all()?, node.int("axis", 1))?,
        "FeatureVectorizer" => concat(&all()?, -1)?,
        "Reshape" => match ints(node, "shape", inputs, 1)? {
            Some(shape) => reshape(of, &shape)?,
            None => return Err(refuse("a Reshape has no shape")),
        },
        "Flatten" => flatten(of, node.int("axis", 1))?,
        "Squeeze" => squeeze(of, ints(node, "axes", inputs, 1)?)?,
        "Unsqueeze" => unsqueeze(of, &ints(node, "axes", inputs, 1)?.unwrap_or_default())?,
        "Transpose" => transpose(of, node.ints("perm"))?,
        "Slice" => slice(node, inputs, of)?,
        "Gather" => gather(of, one(1)?, node.int("axis", 0))?,
        "ArrayFeatureExtractor" => extract(of, one(1)?)?,
        "Shape" => {
            let dims = of.dims.iter().map(|dim| Item::constant(*dim as f64)).collect();
            Tensor::new(Kind::Whole, vec![of.dims.len()], dims)?
        }
        "ConstantOfShape" => {
            let dims = of.constants(name)?.into_iter().map(|dim| dim as i64).collect();
            match node.tensor("value") {
                Some(tensor) => {
                    let value = Tensor::of_constant(tensor)?;
                    let first = value.items.first().cloned();
                    filled(dims, first.unwrap_or(Item::constant(0.0)), value.kind)?
                }
                None => filled(dims, Item::constant(0.0), Kind::Single)?,
            }
        }
        "Expand" => {
            let dims = one(1)?.constants(name)?.into_iter().map(|dim| dim as i64).collect();
            let shape = filled(dims, Item::constant(0.0), of.kind)?;
            each(&[of, &shape], of.kind, |items| Ok(items[0].clone()))?
        }
        "Scaler" => scaler(node, of, columns)?,
        "Imputer" => impute(node, of, columns)?,
        "Binarizer" => binarize(node, of, columns)?,
        "Normalizer" => normalizer(node, of)?,
        "OneHotEncoder" => one_hot(node, of, columns)?,
        "LabelEncoder" | "CategoryMapper" => labels(node, of, columns)?,
        "ArgMax" | "ArgMin" => extreme(node, of)?,
        "Softmax" => softmaxes(node, of)?,
        "MatMul" => matmul(of, one(1)?, columns)?,
        "Gemm" => gemm(node, of, one(1)?, inputs.get(2).and_then(Option::as_deref), columns)?,
        "Add" | "Sub" | "Mul" | "Div" | "Sum" | "Mean" | "Min" | "Max" => {
            arithmetic(name, &all()?, columns)?
        }
        "Pow" => each(&[of, one(1)?], of.kind, |items| {
            let (base, exponent) = (items[0].number(name)?, items[1].number(name)?);
            power(columns, base, exponent, of.kind).map(Item::Number)
        })?,
        "Less" | "LessOrEqual" | "Greater" | "GreaterOrEqual" | "Equal" => {
            each(&[of, one(1)?], Kind::Truth, |items| compare(name, items, of.kind, columns))?
        }
        "And" | "Or" | "Xor" => each(&[of, one(1)?], Kind::Truth, |items| {
            logic(name, &truth(name, items[0])?, &truth(name, items[1])?).map(Item::Number)
        })?,
        "Where" => {
            let kind = one(1)?.kind;
            each(&[of, one(1)?, one(2)?], kind, |items| {
                choose(items[0], items[1], items[2], kind, columns)
            })?
        }
        "Clip" => {
            let end = |index: usize, name: &str, other: f64| match inputs.get(index) {
                Some(Some(end)) => Ok(end.constants("Clip")?.first().copied().unwrap_or(other)),
                _ if node.has(name) => Ok(f64::from(node.float(name, 0.0))),
                _ => Ok(other),
            };
            let (low, high) = (end(1, "min", f64::NEG_INFINITY)?, end(2, "max", f64::INFINITY)?);
            each(&[of], of.kind, |items| {
                clip(columns, items[0].number(name)?, low, high, of.kind).map(Item::Number)
            })?
        }
        "ReduceSum" | "ReduceMean" | "ReduceProd" | "ReduceMax" | "ReduceMin" => {
            reduce(node, of, ints(node, "axes", inputs, 1)?, columns)?
        }
        "Neg" | "Not" | "Exp" | "Sigmoid" | "Tanh" | "Erf" | "Relu" | "Abs" | "IsNaN" | "Log"
        | "Sqrt" | "Floor" | "Ceil" | "Reciprocal" | "Sign" => {
            let kind = match name {
                "Not" | "IsNaN" => Kind::Truth,
                _ => of.kind,
            };
            each(&[of], kind, |items| match items[0] {
                Item::Choice(choice, labels) if name == "Not" => {
                    let other = |label: &Cell| Cell::Number(1.0 - label.number().unwrap_or(0.0));
                    Ok(Item::Choice(choice.clone(), labels.iter().map(other).collect()))
                }
                item => unary(columns, name, item.number(name)?, of.kind).map(Item::Number),
            })?
        }
        _ => return Err(unread(node)),
    };
    Ok(vec![result])
}

/// A refusal with the nearest way for what the operator belongs to.
fn unread(node: &Node) -> ModelFileError {
    let name = node.op_type.as_str();
    let instead = match name {
        "SVMClassifier" | "SVMRegressor" => {
            "a support vector machine's kernel isn't read: train a linear model, an additive model or trees"
        }
        "TopK" | "CDist" | "Scan" | "Loop" | "If" => {
            "export a linear model, an additive model or trees, without loops or neighbours"
        }
        "Conv" | "LSTM" | "GRU" | "RNN" | "BatchNormalization" | "LayerNormalization"
        | "LeakyRelu" | "Elu" | "Selu" | "Celu" | "Gelu" | "Softplus" | "PRelu" | "HardSigmoid"
        | "HardSwish" | "Mish" | "Attention" => {
            "a neural network isn't read: train a linear model, an additive model or trees"
        }
        "StringNormalizer" | "TfIdfVectorizer" | "Tokenizer" | "StringConcat" | "StringSplit"
        | "RegexFullMatch" => "write texts in the table as the model's categories are spelt",
        _ => "export scalers, encoders, linear models and tree ensembles",
    };
    unsupported(format!("operator {}", node.operator()), instead)
}

fn constant(node: &Node) -> Read<Tensor> {
    if let Some(tensor) = node.tensor("value") {
        return Tensor::of_constant(tensor);
    }
    let number = |number: f64| Item::constant(number);
    let list = |items: Vec<Item>, kind| Tensor::new(kind, vec![items.len()], items);
    if node.has("value_float") {
        Tensor::new(Kind::Single, vec![], vec![number(f64::from(node.float("value_float", 0.0)))])
    } else if node.has("value_int") {
        Tensor::new(Kind::Whole, vec![], vec![number(node.int("value_int", 0) as f64)])
    } else if node.has("value_string") {
        let text = Item::Text(node.text("value_string", "").into());
        Tensor::new(Kind::Text, vec![], vec![text])
    } else if node.has("value_floats") {
        let numbers = doubles(node.floats("value_floats")).into_iter().map(number);
        list(numbers.collect(), Kind::Single)
    } else if node.has("value_ints") {
        let numbers = node.ints("value_ints").iter().map(|one| number(*one as f64));
        list(numbers.collect(), Kind::Whole)
    } else if node.has("value_strings") {
        let texts = node.texts("value_strings").into_iter().map(|one| Item::Text(one.into()));
        list(texts.collect(), Kind::Text)
    } else {
        Err(unsupported("a sparse Constant", "write constants in full"))
    }
}

/// `(x - offset) * scale`.
fn scaler(node: &Node, of: &Tensor, columns: &mut Columns) -> Read<Tensor> {
    let width = of.dims.last().copied().unwrap_or(1);
    let offset = along(&doubles(node.floats("offset")), width, "Scaler")?;
    let scale = along(&doubles(node.floats("scale")), width, "Scaler")?;
    let kind = if of.kind == Kind::Double { Kind::Double } else { Kind::Single };
    let mut items = Vec::with_capacity(of.items.len());
    for (place, item) in of.items.iter().enumerate() {
        let constant = |list: &[f64]| Affine::constant(list[place % width.max(1)]);
        let number = item.number("Scaler")?;
        let moved = binary(columns, Operation::Subtract, number, &constant(&offset), kind)?;
        let scaled = binary(columns, Operation::Multiply, &moved, &constant(&scale), kind)?;
        items.push(Item::Number(scaled));
    }
    Tensor::new(kind, of.dims.clone(), items)
}

fn arithmetic(name: &str, tensors: &[&Tensor], columns: &mut Columns) -> Read<Tensor> {
    let kind = tensors[0].kind;
    if let ("Div", [of, divisor]) = (name, tensors) {
        if !of.dims.is_empty() {
            if let Some(shares) = divided(of, divisor) {
                return shares;
            }
        }
    }
    let operation = match name {
        "Add" | "Sum" | "Mean" => Operation::Add,
        "Sub" => Operation::Subtract,
        "Mul" => Operation::Multiply,
        "Div" => Operation::Divide,
        "Min" => Operation::Least,
        _ => Operation::Greatest,
    };
    each(tensors, kind, |items| {
        let mut result = items[0].number(name)?.clone();
        for item in &items[1..] {
            let whole = kind == Kind::Whole && name == "Div";
            result = binary(
                columns,
                operation,
                &result,
                item.number(name)?,
                match whole {
                    true => Kind::Double,
                    false => kind,
                },
            )?;
            if whole {
                result = truncated(&result, columns)?;
            }
        }
        if name == "Mean" {
            result = result.times(1.0 / items.len() as f64);
        }
        Ok(Item::Number(result))
    })
}

/// A quotient of whole numbers has no digits behind the point.
fn truncated(of: &Affine, columns: &mut Columns) -> Read<Affine> {
    match of.fixed() {
        Some(constant) => Ok(Affine::constant(constant.trunc())),
        None => {
            let own = columns.variable(of)?;
            let function = super::columns::truncated(&own.function);
            Ok(Affine::variable(variable(own.column, function)?))
        }
    }
}

/// A truth, also one that may be a decision.
fn truth(name: &str, of: &Item) -> Read<Affine> {
    let feature = match of {
        Item::Choice(choice, labels) => choice.feature(labels),
        _ => None,
    };
    feature.map_or_else(|| of.number(name).cloned(), Ok)
}

fn compare(name: &str, items: &[&Item], kind: Kind, columns: &mut Columns) -> Read<Item> {
    match (items[0], items[1]) {
        (Item::Category(category), other) | (other, Item::Category(category))
            if name == "Equal" =>
        {
            let Some(cell) = other.cell() else {
                return Err(unsupported("Equal of two columns of texts", "compare with constants"));
            };
            let keys = std::slice::from_ref(&cell);
            columns.know(&category.variable, keys)?;
            let of = gap_as(&category.variable.function, keys);
            let function = Function::Indicator(of, cell);
            let variable = variable(category.variable.column, Arc::new(function))?;
            Ok(Item::Number(Affine::variable(variable)))
        }
        (Item::Choice(choice, labels), other) | (other, Item::Choice(choice, labels))
            if name == "Equal" && other.cell().is_some() =>
        {
            let cell = other.cell().unwrap_or(Cell::Missing);
            let same = |label: &Cell| Cell::Number(f64::from(u8::from(label.is_same(&cell))));
            Ok(Item::Choice(choice.clone(), labels.iter().map(same).collect()))
        }
        (a, b) => compared(columns, name, a.number(name)?, b.number(name)?, kind),
    }
}

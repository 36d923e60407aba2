// SPDX-License-Identifier: Apache-2.0
//! RegressionModel: linear terms, categories, products, and what makes probabilities of them.

use std::sync::Arc;

use roxmltree::Node as Xml;

use super::fields::{Field, Scope};
use super::xml::{finite, named, need, need_number, number, refuse, unsupported};
use super::{classifies, Predictor};
use crate::{
    shorten, Cell, Curve, Function, ModelFileError, Operation, Scale, Share, Sum, Term, Variable,
};

/// Most terms and tree nodes that models of chains take over from earlier ones.
const MAX_COPIED: usize = 1_000_000;

pub(super) fn read(
    model: Xml<'_, '_>,
    scope: &Scope<'_>,
    labels: &[String],
    copied: &mut usize,
) -> Result<Predictor, ModelFileError> {
    let method = model.attribute("normalizationMethod").unwrap_or("none");
    let mut tables = Vec::new();
    for table in named(model, "RegressionTable") {
        tables.push((table.attribute("targetCategory"), read_table(table, scope, copied)?));
    }
    let unknown = |method: &str| {
        unsupported(
            format!("normalizationMethod `{}`", shorten(method)),
            "use none, logit or exp for a number, logit or softmax for classes",
        )
    };
    if !classifies(model)? {
        let scale = match method {
            "none" => Scale::IDENTITY,
            "softmax" | "logit" => Scale::of(Curve::Logistic),
            "exp" => Scale::of(Curve::Exp),
            other => return Err(unknown(other)),
        };
        let [(_, sum)] = <[_; 1]>::try_from(tables).map_err(|tables| {
            refuse(format!("a regression has {} RegressionTables, it takes one", tables.len()))
        })?;
        return Ok(Predictor::Number { sum, scale, codes: None });
    }
    let mut named = Vec::with_capacity(tables.len());
    for (category, sum) in tables {
        let category = category.ok_or_else(|| refuse("a RegressionTable has no targetCategory"))?;
        named.push((category.to_owned(), sum));
    }
    let order = class_order(&named, labels)?;
    match (method, <[_; 2]>::try_from(named)) {
        // Of two classes the first table's has the logistic probability, the other one the rest.
        ("logit", Ok([(first, sum), (second, other)])) => {
            if !other.terms.is_empty() || other.constant != 0.0 {
                return Err(unsupported(
                    "logit of two RegressionTables that both have terms",
                    "leave the second table empty, or use softmax",
                ));
            }
            binary(first, second, sum, &order)
        }
        ("softmax", Ok([(first, sum), (second, other)])) => {
            let mut difference = sum;
            difference.add(&other, -1.0);
            binary(first, second, difference, &order)
        }
        ("softmax", Err(mut tables)) => classes(&mut tables, order, Share::Softmax),
        ("simplemax", Err(mut tables)) => classes(&mut tables, order, Share::Proportion),
        (other, _) => Err(unknown(other)),
    }
}

/// The classes in the target's order, or in that of the tables if it has none.
fn class_order(tables: &[(String, Sum)], labels: &[String]) -> Result<Vec<String>, ModelFileError> {
    let known =
        |label: &String| tables.iter().filter(|(category, _)| category == label).count() == 1;
    if labels.is_empty() {
        return Ok(tables.iter().map(|(category, _)| category.clone()).collect());
    }
    if tables.len() == labels.len() && labels.iter().all(known) {
        return Ok(labels.to_vec());
    }
    Err(refuse(format!(
        "the RegressionTables are not one for each of the target's {} values",
        labels.len()
    )))
}

/// `sum` is the logit of the class `of`.
fn binary(
    of: String,
    other: String,
    mut sum: Sum,
    order: &[String],
) -> Result<Predictor, ModelFileError> {
    let labels = if order[1] == of {
        [other, of]
    } else {
        sum = {
            let mut negative = Sum::zero();
            negative.add(&sum, -1.0);
            negative
        };
        [of, other]
    };
    Ok(Predictor::Probability { labels, sum, scale: Scale::of(Curve::Logistic) })
}

fn classes(
    tables: &mut Vec<(String, Sum)>,
    labels: Vec<String>,
    share: Share,
) -> Result<Predictor, ModelFileError> {
    let mut sums = Vec::with_capacity(labels.len());
    for label in &labels {
        let place = tables.iter().position(|(category, _)| category == label);
        let place =
            place.ok_or_else(|| refuse(format!("class `{}` has no table", shorten(label))))?;
        sums.push(tables.remove(place).1);
    }
    if sums.len() < 2 {
        return Err(refuse("a classification has fewer than two RegressionTables"));
    }
    Ok(Predictor::Classes { labels, sums, share })
}

fn read_table(
    table: Xml<'_, '_>,
    scope: &Scope<'_>,
    copied: &mut usize,
) -> Result<Sum, ModelFileError> {
    let mut sum = Sum { constant: need_number(table, "intercept")?, terms: Vec::new() };
    for predictor in named(table, "NumericPredictor") {
        let (id, weight) = (need(predictor, "name")?, need_number(predictor, "coefficient")?);
        let exponent = number(predictor, "exponent")?.unwrap_or(1.0);
        if let (Some(Field::Sum(inner)), true) = (scope.find(id), exponent == 1.0) {
            *copied += inner.size();
            if *copied > MAX_COPIED {
                return Err(refuse(format!("a chain passes on more than {MAX_COPIED} tree nodes")));
            }
            sum.add(inner, weight);
            continue;
        }
        let factor = scope.variable(id)?.factor();
        let factor = if exponent == 1.0 { factor } else { power(&factor, exponent) };
        sum.terms.push(Term::Product { factors: vec![factor], weight });
    }
    for predictor in named(table, "CategoricalPredictor") {
        let typed = scope.variable(need(predictor, "name")?)?;
        let category = match need(predictor, "value")? {
            text if typed.numeric => {
                finite(text).map_or_else(|| Cell::Text(text.into()), Cell::Number)
            }
            text => Cell::Text(text.into()),
        };
        let indicator = Function::Indicator(typed.variable.function.clone(), category);
        sum.terms.push(Term::Product {
            factors: vec![Variable {
                column: typed.variable.column,
                function: Arc::new(indicator),
            }],
            weight: need_number(predictor, "coefficient")?,
        });
    }
    for term in named(table, "PredictorTerm") {
        let mut factors = Vec::new();
        for reference in named(term, "FieldRef") {
            factors.push(scope.variable(need(reference, "field")?)?.factor());
        }
        if factors.is_empty() {
            return Err(refuse("a PredictorTerm has no FieldRef"));
        }
        sum.terms.push(Term::Product { factors, weight: need_number(term, "coefficient")? });
    }
    Ok(sum)
}

fn power(factor: &Variable, exponent: f64) -> Variable {
    let arguments =
        vec![factor.function.clone(), Arc::new(Function::Constant(Cell::Number(exponent)))];
    Variable {
        column: factor.column,
        function: Arc::new(Function::Apply(Operation::Power, arguments)),
    }
}

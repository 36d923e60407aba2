// SPDX-License-Identifier: Apache-2.0
//! RegressionModel: linear terms, categories, products, and what makes probabilities of them.

use std::sync::Arc;

use roxmltree::Node as Xml;

use super::fields::{Field, Scope};
use super::mixture::Mixture;
use super::xml::{finite, named, need, need_number, number, refuse, unsupported};
use super::{classifies, link, target_name, Predictor};
use crate::{shorten, Cell, Function, ModelFileError, Operation, Share, Sum, Term, Variable};

pub(super) fn read(
    model: Xml<'_, '_>,
    scope: &Scope<'_>,
    labels: &[String],
) -> Result<Predictor, ModelFileError> {
    let method = model.attribute("normalizationMethod").unwrap_or("none");
    let mut tables = Vec::new();
    for table in named(model, "RegressionTable") {
        tables.push((table.attribute("targetCategory"), read_table(table, scope)?));
    }
    if !classifies(model)? {
        if matches!(method, "simplemax") {
            return Err(unknown(method));
        }
        let [(_, sum)] = <[_; 1]>::try_from(tables).map_err(|tables| {
            refuse(format!("a regression has {} RegressionTables, it takes one", tables.len()))
        })?;
        return Ok(Predictor::Number { value: link::mean(method, None, &sum)?, codes: None });
    }
    let mut named = Vec::with_capacity(tables.len());
    for (category, sum) in tables {
        let category = category.ok_or_else(|| refuse("a RegressionTable has no targetCategory"))?;
        named.push((category.to_owned(), sum));
    }
    // A model without a target of its own may tell other classes apart.
    let order = match class_order(&named, labels) {
        Err(_) if target_name(model).is_none() => class_order(&named, &[])?,
        order => order?,
    };
    match (method, <[_; 2]>::try_from(named)) {
        ("softmax", Ok([(first, sum), (second, other)])) => {
            let mut difference = sum;
            difference.add(&other, -1.0)?;
            binary([first, second], link::mean("logit", None, &difference)?, &order)
        }
        // Of two classes the first table's has the probability, the other one the rest.
        ("none" | "logit" | "probit" | "cloglog" | "loglog" | "cauchit", Ok([first, second])) => {
            if second.1.number() != Some(0.0) {
                return Err(unsupported(
                    format!("{method} of two RegressionTables that both have terms"),
                    "leave the second table empty, or use softmax",
                ));
            }
            let mut probability = link::mean(method, None, &first.1)?;
            if method == "none" {
                probability =
                    probability.clamp(Some(0.0), Some(1.0), "normalizationMethod none")?;
            }
            binary([first.0, second.0], probability, &order)
        }
        ("simplemax", Ok(tables)) => proportion(tables.into(), order),
        ("softmax", Err(tables)) => {
            let (sums, labels) = (plain(tables, &order)?, order);
            Ok(Predictor::Classes { labels, sums, share: Share::Softmax })
        }
        ("simplemax", Err(tables)) => proportion(tables, order),
        ("logit", Err(tables)) => {
            let (sums, labels) = (plain(tables, &order)?, order);
            Ok(Predictor::Classes { labels, sums, share: Share::LogisticProportion })
        }
        (other, _) => Err(unknown(other)),
    }
}

fn unknown(method: &str) -> ModelFileError {
    unsupported(
        format!("normalizationMethod `{}`", shorten(method)),
        "use none, logit or exp for a number, logit or softmax for classes",
    )
}

/// The classes in the target's order, or in that of the tables if it has none.
fn class_order(
    tables: &[(String, Mixture)],
    labels: &[String],
) -> Result<Vec<String>, ModelFileError> {
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

/// `probability` is that of the first class.
pub(super) fn binary(
    [first, second]: [String; 2],
    probability: Mixture,
    order: &[String],
) -> Result<Predictor, ModelFileError> {
    Ok(match order[1] == first {
        true => Predictor::Probability { labels: [second, first], value: probability },
        false => {
            let value = probability.complement();
            Predictor::Probability { labels: [first, second], value }
        }
    })
}

/// The sums in the order of the classes.
fn plain(mut tables: Vec<(String, Mixture)>, order: &[String]) -> Result<Vec<Sum>, ModelFileError> {
    if order.len() < 2 {
        return Err(refuse("a classification has fewer than two RegressionTables"));
    }
    let of = |label: &String| {
        let place = tables.iter().position(|(category, _)| category == label);
        let place =
            place.ok_or_else(|| refuse(format!("class `{}` has no table", shorten(label))))?;
        tables.remove(place).1.plain().cloned().ok_or_else(|| {
            unsupported(
                "softmax of results that went through a curve",
                "apply softmax to the sums themselves",
            )
        })
    };
    order.iter().map(of).collect()
}

/// Each class's number as a share of all: of sums, or of their logistic.
fn proportion(
    tables: Vec<(String, Mixture)>,
    labels: Vec<String>,
) -> Result<Predictor, ModelFileError> {
    let logits = tables
        .iter()
        .map(|(label, result)| result.logit().map(|sum| (label.clone(), Mixture::of(sum.clone()))));
    let (tables, share) = match logits.collect::<Option<Vec<_>>>() {
        Some(logits) => (logits, Share::LogisticProportion),
        None => (tables, Share::Proportion),
    };
    let sums = plain(tables, &labels)?;
    Ok(Predictor::Classes { labels, sums, share })
}

fn read_table(table: Xml<'_, '_>, scope: &Scope<'_>) -> Result<Mixture, ModelFileError> {
    let mut sum = Sum { constant: need_number(table, "intercept")?, terms: Vec::new() };
    let mut results: Vec<(Mixture, f64)> = Vec::new();
    for predictor in named(table, "NumericPredictor") {
        let (id, weight) = (need(predictor, "name")?, need_number(predictor, "coefficient")?);
        let exponent = number(predictor, "exponent")?.unwrap_or(1.0);
        if let Some(Field::Result(_)) = scope.find(id) {
            if exponent != 1.0 {
                return Err(unsupported(
                    format!("a power of the result `{}`", shorten(id)),
                    "give the exponent in an Apply of the chain's Output",
                ));
            }
            results.push((scope.result(id)?, weight));
            continue;
        }
        if let (Some(Field::Cases(cases)), true) = (scope.find(id), exponent == 1.0) {
            sum.terms.extend(cases.iter().map(|(factors, own)| Term::Product {
                factors: factors.clone(),
                weight: weight * own,
            }));
            continue;
        }
        let factor = scope.variable(id)?.number();
        let factor = if exponent == 1.0 { factor } else { power(&factor, exponent) };
        sum.terms.push(Term::Product { factors: vec![factor], weight });
    }
    for predictor in named(table, "CategoricalPredictor") {
        let typed = scope.variable(need(predictor, "name")?)?;
        let category = match need(predictor, "value")? {
            text if typed.numeric => {
                finite(text).map_or_else(|| Cell::Text(text.into()), Cell::Number)
            }
            text => typed.cell(text)?,
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
            factors.push(scope.variable(need(reference, "field")?)?.number());
        }
        if factors.is_empty() {
            return Err(refuse("a PredictorTerm has no FieldRef"));
        }
        sum.terms.push(Term::Product { factors, weight: need_number(term, "coefficient")? });
    }
    let mut whole = Mixture::of(sum);
    for (result, weight) in results {
        whole.add(&result, weight)?;
    }
    Ok(whole)
}

pub(super) fn power(factor: &Variable, exponent: f64) -> Variable {
    let arguments =
        vec![factor.function.clone(), Arc::new(Function::Constant(Cell::Number(exponent)))];
    Variable {
        column: factor.column,
        function: Arc::new(Function::Apply(Operation::Power, arguments)),
    }
}

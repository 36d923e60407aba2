// SPDX-License-Identifier: Apache-2.0
//! GeneralRegressionModel: parameters that are products of factors and covariates, and their
//! coefficients (<https://dmg.org/pmml/v4-4/GeneralRegression.html>).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use roxmltree::Node as Xml;

use super::fields::Scope;
use super::mixture::Mixture;
use super::regression::{binary, power};
use super::xml::{child, children, finite, named, need, need_number, number, refuse, unsupported};
use super::{classifies, cox, link, Predictor};
use crate::{shorten, Function, ModelFileError, Share, Sum, Term, Variable};

pub(super) fn read(
    model: Xml<'_, '_>,
    scope: &Scope<'_>,
    labels: &[String],
    horizon: Option<f64>,
) -> Result<Predictor, ModelFileError> {
    for attribute in ["trialsVariable", "trialsValue"] {
        if model.has_attribute(attribute) {
            return Err(unsupported(
                format!("`{attribute}` of a GeneralRegressionModel"),
                "leave it out: the probability of one trial is told",
            ));
        }
    }
    let general = General::read(model, scope)?;
    let kind = need(model, "modelType")?;
    let offset = offset(model, scope)?;
    if offset.is_some() && kind != "generalizedLinear" {
        return Err(unsupported(
            format!("the offset of modelType `{}`", shorten(kind)),
            "give it to generalizedLinear, or as a covariate with the coefficient 1",
        ));
    }
    match (kind, classifies(model)?) {
        ("regression" | "generalLinear", false) => {
            let value = Mixture::of(general.only()?);
            Ok(Predictor::Number { value, codes: None })
        }
        ("generalizedLinear", false) => {
            let value = mean(model, general.only()?, offset)?;
            Ok(Predictor::Number { value, codes: None })
        }
        ("generalizedLinear", true) => {
            let [other, of] = two(general.order(model, labels)?)?;
            let value = mean(model, general.of(&of)?, offset)?;
            binary([of, other], value, labels)
        }
        ("multinomialLogistic", true) => {
            let order = general.order(model, labels)?;
            if let Ok([other, of]) = two(order.clone()) {
                let value = link::mean("logit", None, &Mixture::of(general.of(&of)?))?;
                return binary([of, other], value, labels);
            }
            let reference = &order[0];
            let sum = |label: &String| match label == reference {
                true => Ok(Sum::zero()),
                false => general.of(label),
            };
            let sums = labels.iter().map(sum).collect::<Result<Vec<_>, _>>()?;
            Ok(Predictor::Classes { labels: labels.to_vec(), sums, share: Share::Softmax })
        }
        ("CoxRegression", false) => {
            let mut sum = general.only()?;
            sum.constant -= general.at_reference()?;
            cox::read(model, scope, sum, horizon)
        }
        (other, classes) => Err(unsupported(
            format!(
                "modelType `{}` for {}",
                shorten(other),
                if classes { "classes" } else { "a number" }
            ),
            "use regression, generalLinear, generalizedLinear, multinomialLogistic or CoxRegression",
        )),
    }
}

/// The mean of a generalized linear model.
fn mean(model: Xml<'_, '_>, mut sum: Sum, offset: Option<Sum>) -> Result<Mixture, ModelFileError> {
    if let Some(offset) = offset {
        sum.add(&offset, 1.0);
    }
    let parameter = number(model, "linkParameter")?;
    link::mean(need(model, "linkFunction")?, parameter, &Mixture::of(sum))
}

/// What is added to the linear predictor as it stands.
fn offset(model: Xml<'_, '_>, scope: &Scope<'_>) -> Result<Option<Sum>, ModelFileError> {
    if let Some(field) = model.attribute("offsetVariable") {
        let factors = vec![scope.variable(field)?.number()];
        return Ok(Some(Sum {
            constant: 0.0,
            terms: vec![Term::Product { factors, weight: 1.0 }],
        }));
    }
    let offset = number(model, "offsetValue")?.filter(|offset| *offset != 0.0);
    Ok(offset.map(|constant| Sum { constant, terms: Vec::new() }))
}

/// Two classes, of which the second has coefficients.
fn two(order: Vec<String>) -> Result<[String; 2], ModelFileError> {
    <[String; 2]>::try_from(order).map_err(|order| {
        unsupported(
            format!("generalizedLinear of {} classes", order.len()),
            "use multinomialLogistic for more than two",
        )
    })
}

/// A cell of the ParamMatrix.
struct Coefficient<'a> {
    class: Option<&'a str>,
    parameter: &'a str,
    beta: f64,
}

/// Parameters with their coefficients.
struct General<'a> {
    /// The value of each parameter at the reference, by name.
    references: HashMap<&'a str, f64>,
    /// What a parameter is a product of, for a class or for all.
    factors: HashMap<(&'a str, Option<&'a str>), Vec<Variable>>,
    /// Classes for which the factors are given.
    classes: HashSet<&'a str>,
    coefficients: Vec<Coefficient<'a>>,
}

impl<'a> General<'a> {
    fn read(model: Xml<'a, 'a>, scope: &Scope<'_>) -> Result<Self, ModelFileError> {
        let list = |name: &'static str| {
            child(model, name)
                .ok_or_else(|| refuse(format!("a GeneralRegressionModel has no {name}")))
        };
        let mut references = HashMap::new();
        for parameter in named(list("ParameterList")?, "Parameter") {
            let reference = number(parameter, "referencePoint")?.unwrap_or(0.0);
            references.insert(need(parameter, "name")?, reference);
        }
        let predictors = |name: &'static str| {
            let mut names = HashSet::new();
            for predictor in child(model, name).map(children).into_iter().flatten() {
                let id = need(predictor, "name")?;
                if child(predictor, "Categories").is_some()
                    || child(predictor, "Matrix").is_some()
                    || predictor.has_attribute("contrastMatrixType")
                {
                    return Err(unsupported(
                        format!("the contrasts of the predictor `{}`", shorten(id)),
                        "write one parameter a category",
                    ));
                }
                names.insert(id);
            }
            Ok(names)
        };
        let (is_factor, is_covariate) = (predictors("FactorList")?, predictors("CovariateList")?);
        let mut factors: HashMap<_, Vec<Variable>> = HashMap::new();
        let mut classes = HashSet::new();
        for cell in named(list("PPMatrix")?, "PPCell") {
            let id = need(cell, "predictorName")?;
            let value = need(cell, "value")?;
            let typed = scope.variable(id)?;
            let factor = if is_factor.contains(id) {
                let category = typed.cell(value)?;
                let Variable { column, function } = typed.variable.clone();
                // A parameter of a missing category is missing, unlike a RegressionModel's.
                let (one, zero) = (crate::Cell::Number(1.0), crate::Cell::Number(0.0));
                let function = Function::Table(function, vec![(category, one)], zero);
                Variable { column, function: Arc::new(function) }
            } else if is_covariate.contains(id) {
                let exponent = finite(value).ok_or_else(|| {
                    refuse(format!(
                        "the power `{}` of `{}` is no number",
                        shorten(value),
                        shorten(id)
                    ))
                })?;
                match exponent == 1.0 {
                    true => typed.number(),
                    false => power(&typed.number(), exponent),
                }
            } else {
                return Err(refuse(format!(
                    "the predictor `{}` is neither in the FactorList nor in the CovariateList",
                    shorten(id)
                )));
            };
            let class = cell.attribute("targetCategory");
            classes.extend(class);
            let parameter = need(cell, "parameterName")?;
            factors.entry((parameter, class)).or_default().push(factor);
        }
        let mut coefficients = Vec::new();
        for cell in named(list("ParamMatrix")?, "PCell") {
            coefficients.push(Coefficient {
                class: cell.attribute("targetCategory"),
                parameter: need(cell, "parameterName")?,
                beta: need_number(cell, "beta")?,
            });
        }
        if coefficients.is_empty() {
            return Err(refuse("a ParamMatrix has no PCell"));
        }
        Ok(Self { references, factors, classes, coefficients })
    }

    /// The linear predictor of a model that has one.
    fn only(&self) -> Result<Sum, ModelFileError> {
        match self.coefficients.iter().find_map(|one| one.class) {
            None => self.linear(None),
            Some(class) => Err(refuse(format!(
                "a PCell of a number has the targetCategory `{}`",
                shorten(class)
            ))),
        }
    }

    /// The linear predictor of a class; coefficients without one belong to the only one that has
    /// some.
    fn of(&self, label: &str) -> Result<Sum, ModelFileError> {
        let own = self.coefficients.iter().any(|one| one.class == Some(label));
        let common = self.coefficients.iter().any(|one| one.class.is_none());
        match (own, common) {
            (true, false) => self.linear(Some(label)),
            (false, true) => self.linear(None),
            (true, true) => Err(refuse("some PCells have a targetCategory and some have none")),
            (false, false) => {
                Err(refuse(format!("no PCell has the targetCategory `{}`", shorten(label))))
            }
        }
    }

    fn linear(&self, class: Option<&str>) -> Result<Sum, ModelFileError> {
        let mut sum = Sum::zero();
        // Factors given for the class replace those for all.
        let of = class.filter(|class| self.classes.contains(class));
        for one in self.coefficients.iter().filter(|one| one.class == class) {
            if !self.references.contains_key(one.parameter) {
                return Err(refuse(format!("there is no parameter `{}`", shorten(one.parameter))));
            }
            match self.factors.get(&(one.parameter, of)) {
                None => sum.constant += one.beta,
                Some(factors) => {
                    let factors = factors.clone();
                    sum.terms.push(Term::Product { factors, weight: one.beta });
                }
            }
        }
        Ok(sum)
    }

    /// The linear predictor at the reference point.
    fn at_reference(&self) -> Result<f64, ModelFileError> {
        let part = |one: &Coefficient<'_>| {
            let reference = self.references.get(one.parameter);
            Some(one.beta * reference?)
        };
        let sum: Option<f64> = self.coefficients.iter().map(part).sum();
        sum.ok_or_else(|| refuse("a PCell names no Parameter of the list"))
    }

    /// The classes with the reference first, the one that has no coefficients.
    fn order(&self, model: Xml<'_, '_>, labels: &[String]) -> Result<Vec<String>, ModelFileError> {
        if labels.len() < 2 {
            return Err(refuse("the target lists fewer than two values in the DataDictionary"));
        }
        let has = |label: &String| self.coefficients.iter().any(|one| one.class == Some(label));
        let mut free = labels.iter().filter(|label| !has(label));
        let reference = match (model.attribute("targetReferenceCategory"), free.next()) {
            (Some(reference), _) => reference.to_owned(),
            (None, Some(one)) if free.next().is_none() => one.clone(),
            (None, _) => {
                return Err(refuse(
                    "a GeneralRegressionModel doesn't say its targetReferenceCategory",
                ))
            }
        };
        if !labels.contains(&reference) {
            return Err(refuse(format!(
                "the targetReferenceCategory `{}` is no value of the target",
                shorten(&reference)
            )));
        }
        let others = labels.iter().filter(|label| **label != reference).cloned();
        Ok([reference.clone()].into_iter().chain(others).collect())
    }
}

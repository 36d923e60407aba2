// SPDX-License-Identifier: Apache-2.0
//! PMML 4.4 (<https://dmg.org/pmml/v4-4/GeneralStructure.html>): Scorecard, RegressionModel,
//! TreeModel and MiningModel.
//!
//! A model becomes sums over functions of columns ([`fields`], [`derived`]), whatever derived
//! fields lie between. Elements that would change a result and aren't read are refused by name. The
//! file's own ModelVerification is run on what was read ([`verification`]).

mod derived;
mod expression;
mod fields;
mod mining;
mod predicate;
mod regression;
mod scorecard;
mod tree;
mod verification;
mod xml;

use std::rc::Rc;

use roxmltree::Node as Xml;

use crate::{
    shorten, ModelFile, ModelFileError, Options, ReasonCodes, Scale, Share, Sum, Target, Tree,
};
use derived::{derive, scope_of};
use fields::{Dictionary, Scope};
use xml::{child, children, name, named, need, number, refuse, unsupported};

const FORMAT: &str = "PMML";

/// What a model predicts with.
enum Predictor {
    /// A number.
    Number { sum: Sum, scale: Scale, codes: Option<ReasonCodes> },
    /// The probability of the second of two classes.
    Probability { labels: [String; 2], sum: Sum, scale: Scale },
    /// One sum a class.
    Classes { labels: Vec<String>, sums: Vec<Sum>, share: Share },
    /// The class at each leaf of a tree, and each class's share of the leaf's cases if the file
    /// says them.
    Tree { labels: Vec<String>, class: Tree, shares: Option<Vec<Tree>> },
}

/// Reads the first model of a PMML document.
pub(crate) fn pmml(text: &str, _options: &Options) -> Result<ModelFile, ModelFileError> {
    let document = xml::parse(text)?;
    let root = document.root_element();
    if name(root) != "PMML" {
        return Err(ModelFileError::UnknownFormat);
    }
    match need(root, "version")? {
        version if version.starts_with("4.") => {}
        version => {
            return Err(unsupported(
                format!("version {}", shorten(version)),
                "write PMML 4.0 to 4.4",
            ))
        }
    }
    let dictionary =
        child(root, "DataDictionary").ok_or_else(|| refuse("there is no DataDictionary"))?;
    let mut dictionary = Dictionary::read(dictionary)?;
    let mut models = children(root).filter(|node| {
        let name = name(*node);
        name.ends_with("Model") || name == "Scorecard" || child(*node, "MiningSchema").is_some()
    });
    let model = models.next().ok_or_else(|| refuse("there is no model"))?;
    if models.next().is_some() {
        return Err(unsupported("a second model", "write one model a file, or a MiningModel"));
    }

    let mut outer = Scope::default();
    if let Some(transformations) = child(root, "TransformationDictionary") {
        // Its fields build on data fields, as the model's schema treats them.
        let schema =
            child(model, "MiningSchema").ok_or_else(|| refuse("the model has no MiningSchema"))?;
        outer.fields = dictionary.schema(schema, &outer)?;
        derive(Some(transformations), &mut outer)?;
    }
    let outer = Rc::new(outer);
    let mut reader = Reader { dictionary, labels: Vec::new(), copied: 0 };
    reader.labels = reader.target(model)?;
    let predictor = reader.model(model, &outer)?;
    let mut file = reader.finish(model, predictor)?;
    file.verified = verification::run(model, &file)?;
    Ok(file)
}

/// Reads models over the fields of one data dictionary.
struct Reader<'a> {
    dictionary: Dictionary<'a>,
    /// The classes of the outermost model's target, if it has some.
    labels: Vec<String>,
    /// Terms and tree nodes that later models of chains took over from earlier ones.
    copied: usize,
}

impl<'a> Reader<'a> {
    /// The valid values of a model's target.
    fn target(&self, model: Xml<'a, 'a>) -> Result<Vec<String>, ModelFileError> {
        let Some(id) = target_name(model) else {
            return Ok(Vec::new());
        };
        let field = self.dictionary.data.get(id);
        if field.is_some_and(|field| field.ordinal)
            && model.attribute("normalizationMethod").is_some()
        {
            return Err(unsupported(
                format!("the ordinal target `{}`", shorten(id)),
                "make it categorical",
            ));
        }
        Ok(field.map(|field| field.values.clone()).unwrap_or_default())
    }

    fn model(
        &mut self,
        model: Xml<'a, 'a>,
        outer: &Rc<Scope<'a>>,
    ) -> Result<Predictor, ModelFileError> {
        if model.attribute("isScorable") == Some("false") {
            return Err(refuse("the model says that it is not scorable"));
        }
        let scope = scope_of(model, &mut self.dictionary, outer)?;
        let predictor = match name(model) {
            "Scorecard" => scorecard::read(model, &scope)?,
            "RegressionModel" => regression::read(model, &scope, &self.labels, &mut self.copied)?,
            "TreeModel" => tree::read(model, &scope, &self.labels)?,
            "MiningModel" => self.mining(model, &scope)?,
            other => return Err(unsupported(
                other,
                "write it as a Scorecard, RegressionModel, TreeModel, or a MiningModel of these",
            )),
        };
        rescale(model, predictor)
    }

    /// Keeps the columns that are read, and decides what comes back.
    fn finish(self, model: Xml<'a, 'a>, predictor: Predictor) -> Result<ModelFile, ModelFileError> {
        let (target, sums, reason_codes) = match predictor {
            Predictor::Number { sum, scale, codes } => {
                (Target::Number(vec![scale]), vec![sum], codes)
            }
            Predictor::Probability { labels, sum, scale } => {
                (Target::Probability { labels, scales: vec![scale] }, vec![sum], None)
            }
            Predictor::Classes { labels, sums, share } => two_or_more(labels, sums, share),
            Predictor::Tree { labels, class, shares } => {
                match (shares, <[String; 2]>::try_from(labels.clone())) {
                    // With two classes the share of cases says more than the class.
                    (Some(mut shares), Ok(labels)) => {
                        let sum = Sum::of_tree(shares.remove(1));
                        let scales = vec![Scale::IDENTITY];
                        (Target::Probability { labels, scales }, vec![sum], None)
                    }
                    (shares, _) => {
                        let shares = shares.unwrap_or_default();
                        (Target::Class { labels, shares }, vec![Sum::of_tree(class)], None)
                    }
                }
            }
        };
        let kind = match name(model) {
            "Scorecard" => "PMML Scorecard",
            "RegressionModel" => "PMML RegressionModel",
            "TreeModel" => "PMML TreeModel",
            _ => "PMML MiningModel",
        };
        let mut file = ModelFile {
            reason_codes,
            ..ModelFile::new(kind, self.dictionary.columns, sums, target)
        };
        file.drop_unused();
        Ok(file)
    }
}

fn two_or_more(
    labels: Vec<String>,
    mut sums: Vec<Sum>,
    share: Share,
) -> (Target, Vec<Sum>, Option<ReasonCodes>) {
    match (share, <[String; 2]>::try_from(labels)) {
        // Shares of two classes add up to 1: one tells both.
        (Share::Proportion, Ok(labels)) => {
            let scales = vec![Scale::IDENTITY];
            (Target::Probability { labels, scales }, vec![sums.remove(1)], None)
        }
        (share, Ok(labels)) => (Target::Classes { labels: labels.into(), share }, sums, None),
        (share, Err(labels)) => (Target::Classes { labels, share }, sums, None),
    }
}

/// The name of a model's target field.
fn target_name<'a>(model: Xml<'a, 'a>) -> Option<&'a str> {
    let schema = child(model, "MiningSchema")?;
    let target = named(schema, "MiningField")
        .find(|field| matches!(field.attribute("usageType"), Some("target" | "predicted")))?;
    target.attribute("name")
}

/// Whether the model tells classes apart.
fn classifies(model: Xml<'_, '_>) -> Result<bool, ModelFileError> {
    match need(model, "functionName")? {
        "classification" => Ok(true),
        "regression" => Ok(false),
        other => Err(unsupported(
            format!("functionName `{}`", shorten(other)),
            "use regression or classification",
        )),
    }
}

/// Applies `Targets`: a factor and a summand on a number.
fn rescale(model: Xml<'_, '_>, mut predictor: Predictor) -> Result<Predictor, ModelFileError> {
    let Some(target) = child(model, "Targets").and_then(|targets| child(targets, "Target")) else {
        return Ok(predictor);
    };
    for attribute in ["castInteger", "min", "max"] {
        if target.attribute(attribute).is_some() {
            return Err(unsupported(
                format!("`{attribute}` of a Target"),
                "leave it out: the output's grid rounds, its range clamps",
            ));
        }
    }
    let factor = number(target, "rescaleFactor")?.unwrap_or(1.0);
    let summand = number(target, "rescaleConstant")?.unwrap_or(0.0);
    match &mut predictor {
        Predictor::Number { scale, .. } => {
            scale.times *= factor;
            scale.plus = scale.plus * factor + summand;
        }
        _ if factor == 1.0 && summand == 0.0 => {}
        _ => return Err(refuse("a Target rescales a class")),
    }
    Ok(predictor)
}

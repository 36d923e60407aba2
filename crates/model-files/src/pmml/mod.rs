// SPDX-License-Identifier: Apache-2.0
//! PMML 4.4 (<https://dmg.org/pmml/v4-4/GeneralStructure.html>): Scorecard, RegressionModel,
//! GeneralRegressionModel, TreeModel and MiningModel.
//!
//! A model becomes sums over functions of columns ([`fields`], [`derived`]), each through curves
//! ([`mixture`]), whatever derived fields and outputs lie between. What isn't read is refused by
//! name ([`known`]). The file's own ModelVerification is run on what was read ([`verification`]).

mod apply;
mod catboost;
mod condition;
mod cox;
mod derived;
mod dictionary;
mod expression;
mod fields;
mod general;
mod known;
mod link;
mod mining;
mod mixture;
mod output;
mod part;
mod predicate;
mod regression;
mod scorecard;
mod several;
mod threshold;
mod tree;
mod verification;
mod xml;

use std::collections::HashMap;
use std::rc::Rc;

use roxmltree::Node as Xml;

use crate::{
    shorten, ModelFile, ModelFileError, Options, ReasonCodes, Scale, Share, Sum, Target, Tree,
};
use derived::{derive, scope_of};
use dictionary::Dictionary;
use fields::{Scope, Shared};
use mixture::Mixture;
use xml::{child, children, name, named, need, refuse, unsupported};

const FORMAT: &str = "PMML";

/// What a model predicts with.
enum Predictor {
    /// A number.
    Number { value: Mixture, codes: Option<ReasonCodes> },
    /// The probability of the second of two classes.
    Probability { labels: [String; 2], value: Mixture },
    /// The probability of each class; they add up to 1.
    Shares { labels: Vec<String>, values: Vec<Mixture> },
    /// One sum a class.
    Classes { labels: Vec<String>, sums: Vec<Sum>, share: Share },
    /// The class at each leaf of a tree, and each class's share of the leaf's cases if the file
    /// says them.
    Tree { labels: Vec<String>, class: Tree, shares: Option<Vec<Tree>> },
}

/// Reads the first model of a PMML document.
pub(crate) fn pmml(text: &str, options: &Options) -> Result<ModelFile, ModelFileError> {
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
    known::check(root)?;
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

    let transformations = child(root, "TransformationDictionary");
    let mut functions = HashMap::new();
    for function in transformations.into_iter().flat_map(|list| named(list, "DefineFunction")) {
        functions.insert(need(function, "name")?, function);
    }
    let mut outer =
        Scope::outermost(Shared { functions, texts: dictionary.texts(), ..Shared::default() });
    if transformations.is_some() {
        // Its fields build on data fields, as the model's schema treats them.
        let schema =
            child(model, "MiningSchema").ok_or_else(|| refuse("the model has no MiningSchema"))?;
        outer.fields = dictionary.schema(schema, &outer)?;
        derive(transformations, &mut outer, &mut dictionary)?;
    }
    let outer = Rc::new(outer);
    let mut reader = Reader {
        dictionary,
        labels: Vec::new(),
        horizon: options.horizon,
        is_catboost: catboost::wrote(root),
    };
    reader.labels = reader.target(model)?;
    let predictor = reader.model(model, &outer)?;
    let cutoff = threshold::of(model, &predictor)?;
    let (mut predictor, result) = match cutoff {
        Some((id, _)) => (predictor, Some(id)),
        None => output::told(model, predictor, &outer)?,
    };
    if options.horizon.is_some() && !is_survival(model) {
        return Err(unsupported(
            "a horizon of a model that is none of survival",
            "leave `--horizon` out",
        ));
    }
    // At a horizon the risk is told, unless the file makes something else of the hazard.
    if let (Predictor::Number { value, .. }, true) =
        (&mut predictor, options.horizon.is_some() && result.is_none() && is_survival(model))
    {
        *value = cox::risk(value)?;
    }
    let mut file = reader.finish(model, predictor)?;
    file.cutoff = cutoff.map(|(_, cutoff)| cutoff);
    if options.horizon.is_none() {
        file.verified = verification::run(model, &file, result)?;
    }
    Ok(file)
}

/// Reads models over the fields of one data dictionary.
struct Reader<'a> {
    dictionary: Dictionary<'a>,
    /// The classes of the outermost model's target, if it has some.
    labels: Vec<String>,
    /// The time at which a survival model's risk is told.
    horizon: Option<f64>,
    /// Whether CatBoost wrote the document.
    is_catboost: bool,
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
            "RegressionModel" => regression::read(model, &scope, &self.labels)?,
            "GeneralRegressionModel" => {
                general::read(model, &scope, &self.labels, self.horizon)?
            }
            "TreeModel" => tree::read(model, &scope, &self.labels)?,
            "MiningModel" => self.mining(model, &scope)?,
            other => return Err(unsupported(
                other,
                "write it as a Scorecard, RegressionModel, GeneralRegressionModel, TreeModel, or a MiningModel of these",
            )),
        };
        output::rescale(model, predictor)
    }

    /// Keeps the columns that are read, and decides what comes back.
    fn finish(self, model: Xml<'a, 'a>, predictor: Predictor) -> Result<ModelFile, ModelFileError> {
        let (target, sums, reason_codes) = match predictor {
            Predictor::Number { value, codes } => {
                let (sums, scales) = value.parts();
                (Target::Number(scales), sums, codes)
            }
            Predictor::Probability { labels, value } => {
                let (sums, scales) = value.parts();
                (Target::Probability { labels, scales }, sums, None)
            }
            Predictor::Shares { labels, values } => shares(labels, values)?,
            Predictor::Classes { labels, sums, share } => {
                (Target::Classes { labels, share }, sums, None)
            }
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
            "GeneralRegressionModel" => "PMML GeneralRegressionModel",
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

/// Probabilities that add up to 1; of two the second tells both.
fn shares(
    labels: Vec<String>,
    mut values: Vec<Mixture>,
) -> Result<(Target, Vec<Sum>, Option<ReasonCodes>), ModelFileError> {
    let labels = match <[String; 2]>::try_from(labels) {
        Ok(labels) => {
            let (sums, scales) = values.remove(1).parts();
            return Ok((Target::Probability { labels, scales }, sums, None));
        }
        Err(labels) => labels,
    };
    let sums: Option<Vec<Sum>> = values.iter().map(|value| value.plain().cloned()).collect();
    let sums = sums.ok_or_else(|| {
        unsupported(
            "an average of probabilities of more than two classes that went through a curve",
            "average trees, or tell two classes apart",
        )
    })?;
    Ok((Target::Classes { labels, share: Share::Proportion }, sums, None))
}

/// Whether a model, or the last one of its chain, predicts cumulative hazards.
fn is_survival(model: Xml<'_, '_>) -> bool {
    model.attribute("modelType") == Some("CoxRegression")
        || output::last_of_chain(model).is_some_and(is_survival)
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

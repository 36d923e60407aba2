// SPDX-License-Identifier: Apache-2.0
//! Elements and attributes that are understood: a model with any other is refused, as it may
//! predict something else than what was read.

use std::collections::HashMap;

use roxmltree::Node as Xml;

use super::xml::{children, name, unsupported};
use crate::{shorten, ModelFileError};

/// Elements below which nothing changes a prediction, or that are read by their rows.
const PASSED_OVER: [&str; 11] = [
    "Header",
    "MiningBuildTask",
    "ModelStats",
    "ModelExplanation",
    "ModelVerification",
    "InlineTable",
    "Taxonomy",
    "Array",
    "Constant",
    "PCovMatrix",
    "Decisions",
];

/// An element with the attributes that are read or change nothing.
type Known = (&'static str, &'static [&'static str]);

/// What all models may have.
const MODEL: [&str; 5] =
    ["modelName", "functionName", "algorithmName", "isScorable", "x-mathContext"];

const KNOWN: &[Known] = &[
    ("PMML", &["version"]),
    ("DataDictionary", &["numberOfFields"]),
    ("DataField", &["name", "displayName", "optype", "dataType", "taxonomy", "isCyclic"]),
    ("Value", &["value", "displayValue", "property"]),
    ("Interval", &["closure", "leftMargin", "rightMargin"]),
    ("TransformationDictionary", &[]),
    ("LocalTransformations", &[]),
    ("DefineFunction", &["name", "optype", "dataType"]),
    ("ParameterField", &["name", "optype", "dataType", "displayName"]),
    ("DerivedField", &["name", "displayName", "optype", "dataType"]),
    ("FieldRef", &["field", "mapMissingTo"]),
    ("NormContinuous", &["field", "mapMissingTo", "outliers"]),
    ("LinearNorm", &["orig", "norm"]),
    ("NormDiscrete", &["field", "value", "mapMissingTo", "method"]),
    ("Discretize", &["field", "mapMissingTo", "defaultValue", "dataType"]),
    ("DiscretizeBin", &["binValue"]),
    ("MapValues", &["mapMissingTo", "defaultValue", "outputColumn", "dataType"]),
    ("FieldColumnPair", &["field", "column"]),
    ("Apply", &["function", "mapMissingTo", "defaultValue", "invalidValueTreatment"]),
    ("MiningSchema", &[]),
    (
        "MiningField",
        &[
            "name",
            "usageType",
            "optype",
            "importance",
            "outliers",
            "lowValue",
            "highValue",
            "missingValueReplacement",
            "missingValueTreatment",
            "invalidValueTreatment",
            "invalidValueReplacement",
        ],
    ),
    ("Output", &[]),
    (
        "OutputField",
        &[
            "name",
            "displayName",
            "optype",
            "dataType",
            "targetField",
            "feature",
            "value",
            "ruleFeature",
            "algorithm",
            "rank",
            "rankBasis",
            "rankOrder",
            "isMultiValued",
            "segmentId",
            "isFinalResult",
            "numTopCategories",
            "threshold",
        ],
    ),
    ("Targets", &[]),
    (
        "Target",
        &["field", "optype", "castInteger", "min", "max", "rescaleConstant", "rescaleFactor"],
    ),
    ("TargetValue", &["value", "displayValue", "priorProbability", "defaultValue"]),
    ("RegressionModel", &["modelType", "targetFieldName", "normalizationMethod"]),
    ("RegressionTable", &["intercept", "targetCategory"]),
    ("NumericPredictor", &["name", "exponent", "coefficient"]),
    ("CategoricalPredictor", &["name", "value", "coefficient"]),
    ("PredictorTerm", &["name", "coefficient"]),
    (
        "GeneralRegressionModel",
        &[
            "modelType",
            "targetVariableName",
            "targetReferenceCategory",
            "cumulativeLinkFunction",
            "linkFunction",
            "linkParameter",
            "trialsVariable",
            "trialsValue",
            "distribution",
            "distParameter",
            "offsetVariable",
            "offsetValue",
            "modelDF",
            "endTimeVariable",
            "startTimeVariable",
            "subjectIDVariable",
            "statusVariable",
            "baselineStrataVariable",
        ],
    ),
    ("ParameterList", &[]),
    ("Parameter", &["name", "label", "referencePoint"]),
    ("FactorList", &[]),
    ("CovariateList", &[]),
    ("Predictor", &["name", "contrastMatrixType"]),
    ("Categories", &[]),
    ("Category", &["value"]),
    ("Matrix", &["kind", "nbRows", "nbCols", "diagDefault", "offDiagDefault"]),
    ("PPMatrix", &[]),
    ("PPCell", &["value", "predictorName", "parameterName", "targetCategory"]),
    ("ParamMatrix", &[]),
    ("PCell", &["targetCategory", "parameterName", "beta", "df"]),
    ("BaseCumHazardTables", &["maxTime"]),
    ("BaselineStratum", &["value", "label", "maxTime"]),
    ("BaselineCell", &["time", "cumHazard"]),
    (
        "TreeModel",
        &[
            "missingValueStrategy",
            "missingValuePenalty",
            "noTrueChildStrategy",
            "splitCharacteristic",
        ],
    ),
    ("Node", &["id", "score", "recordCount", "defaultChild"]),
    ("ScoreDistribution", &["value", "recordCount", "confidence", "probability"]),
    ("True", &[]),
    ("False", &[]),
    ("SimplePredicate", &["field", "operator", "value"]),
    ("CompoundPredicate", &["booleanOperator"]),
    ("SimpleSetPredicate", &["field", "booleanOperator"]),
    ("MiningModel", &[]),
    ("Segmentation", &["multipleModelMethod", "missingPredictionTreatment", "missingThreshold"]),
    ("Segment", &["id", "weight"]),
    (
        "Scorecard",
        &[
            "initialScore",
            "useReasonCodes",
            "reasonCodeAlgorithm",
            "baselineScore",
            "baselineMethod",
        ],
    ),
    ("Characteristics", &[]),
    ("Characteristic", &["name", "reasonCode", "baselineScore"]),
    ("Attribute", &["reasonCode", "partialScore"]),
    ("ComplexPartialScore", &[]),
    // Refused with a nearer way where they stand.
    ("Regression", &["modelType", "targetFieldName", "normalizationMethod", "functionName"]),
    ("DecisionTree", &[]),
    ("Partition", &["name", "size"]),
];

/// Refuses the first element or attribute that isn't known. Models that aren't read are left to
/// who finds them.
pub(super) fn check(root: Xml<'_, '_>) -> Result<(), ModelFileError> {
    let known: HashMap<&str, &[&str]> = KNOWN.iter().copied().collect();
    let mut waiting = vec![root];
    while let Some(element) = waiting.pop() {
        let own = name(element);
        if PASSED_OVER.contains(&own) {
            continue;
        }
        let Some(attributes) = known.get(own) else {
            // Models and expressions of unknown kinds are refused where they are read.
            if read_elsewhere(element) {
                continue;
            }
            return Err(unsupported(
                format!("the element {}", shorten(own)),
                "leave it out if it changes no prediction",
            ));
        };
        let model = element.attribute("functionName").is_some();
        for attribute in element.attributes().filter(|attribute| attribute.namespace().is_none()) {
            let known = attributes.contains(&attribute.name())
                || model && MODEL.contains(&attribute.name());
            if !known {
                return Err(unsupported(
                    format!("the attribute `{}` of {own}", shorten(attribute.name())),
                    "leave it out if it changes no prediction",
                ));
            }
        }
        waiting.extend(children(element));
    }
    Ok(())
}

/// Whether who reads the element's parent takes every kind of element for what it is.
fn read_elsewhere(element: Xml<'_, '_>) -> bool {
    let parent = element.parent().map_or("", |parent| name(parent));
    matches!(parent, "PMML" | "Segment") && element.attribute("functionName").is_some()
        || matches!(
            parent,
            "DerivedField"
                | "DefineFunction"
                | "Apply"
                | "OutputField"
                | "TransformationDictionary"
        )
}

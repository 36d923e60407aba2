// SPDX-License-Identifier: Apache-2.0
//! PMML: what a file tells in the end, and what it is refused for.

use cso_model_files::{read, read_with, Cases, Curve, ModelFile, ModelFileError, Options, Target};

/// A file over `age` and `sex` with the target `y` of such a kind.
fn document(target: &str, model: &str) -> String {
    let target = match target {
        "" => "<DataField name=\"y\" optype=\"continuous\" dataType=\"double\"/>".to_owned(),
        values => {
            let values: String =
                values.split(' ').map(|value| format!("<Value value=\"{value}\"/>")).collect();
            format!("<DataField name=\"y\" optype=\"categorical\" dataType=\"string\">{values}</DataField>")
        }
    };
    format!(
        "<PMML version=\"4.4\" xmlns=\"http://www.dmg.org/PMML-4_4\"><Header/><DataDictionary>\
         <DataField name=\"age\" optype=\"continuous\" dataType=\"double\"/>\
         <DataField name=\"sex\" optype=\"categorical\" dataType=\"string\"><Value value=\"F\"/><Value value=\"M\"/></DataField>\
         {target}</DataDictionary>{model}</PMML>"
    )
}

const SCHEMA: &str = "<MiningSchema><MiningField name=\"y\" usageType=\"target\"/>\
    <MiningField name=\"age\"/><MiningField name=\"sex\"/></MiningSchema>";

/// `(age - 60) / 10` with what stands before the table.
fn number(before: &str) -> String {
    let table = "<RegressionTable intercept=\"-6\"><NumericPredictor name=\"age\" coefficient=\"0.1\"/></RegressionTable>";
    let model = format!(
        "<RegressionModel functionName=\"regression\">{SCHEMA}{before}{table}</RegressionModel>"
    );
    document("", &model)
}

/// The logistic of the same for the class `sick`, with an output that names a class.
fn decision(expression: &str) -> String {
    let model = format!(
        "<RegressionModel functionName=\"classification\" normalizationMethod=\"logit\">{SCHEMA}<Output>\
         <OutputField name=\"p\" optype=\"continuous\" dataType=\"double\" feature=\"probability\" value=\"sick\"/>\
         <OutputField name=\"q\" optype=\"continuous\" dataType=\"double\" feature=\"probability\" value=\"well\"/>\
         <OutputField name=\"told\" optype=\"categorical\" dataType=\"string\" feature=\"transformedValue\">{expression}</OutputField>\
         </Output><RegressionTable intercept=\"-6\" targetCategory=\"sick\"><NumericPredictor name=\"age\" coefficient=\"0.1\"/></RegressionTable>\
         <RegressionTable intercept=\"0\" targetCategory=\"well\"/></RegressionModel>"
    );
    document("well sick", &model)
}

fn transformed(expression: &str) -> String {
    number(&format!(
        "<Output><OutputField name=\"raw\" optype=\"continuous\" dataType=\"double\" feature=\"predictedValue\"/>\
         <OutputField name=\"told\" optype=\"continuous\" dataType=\"double\" feature=\"transformedValue\">{expression}</OutputField></Output>"
    ))
}

/// A proportional hazards model whose time is a field of such a use.
fn hazards(usage: &str, more: &str, table: &str) -> String {
    let model = format!(
        "<GeneralRegressionModel functionName=\"regression\" modelType=\"CoxRegression\" endTimeVariable=\"time\" {more}>\
         <MiningSchema><MiningField name=\"y\" usageType=\"target\"/><MiningField name=\"age\"/>\
         <MiningField name=\"time\" usageType=\"{usage}\"/></MiningSchema>\
         <ParameterList><Parameter name=\"p\" referencePoint=\"60\"/></ParameterList><CovariateList><Predictor name=\"age\"/></CovariateList>\
         <PPMatrix><PPCell value=\"1\" predictorName=\"age\" parameterName=\"p\"/></PPMatrix>\
         <ParamMatrix><PCell parameterName=\"p\" beta=\"0.05\" df=\"1\"/></ParamMatrix>{table}</GeneralRegressionModel>"
    );
    let time =
        "<DataField name=\"time\" optype=\"continuous\" dataType=\"double\"/></DataDictionary>";
    document("", &model).replace("</DataDictionary>", time)
}

const BASELINE: &str =
    "<BaseCumHazardTables maxTime=\"730\"><BaselineCell time=\"90\" cumHazard=\"0.03\"/>\
    <BaselineCell time=\"365\" cumHazard=\"0.1\"/></BaseCumHazardTables>";

fn predict(model: &ModelFile, csv: &str) -> Vec<(f64, Option<usize>)> {
    let table = model.table(&Cases::from_csv(csv).unwrap()).unwrap();
    let predictions = table.iter().map(|case| model.predict(case).unwrap());
    predictions.map(|prediction| (prediction.values[0], prediction.class)).collect()
}

fn problem(text: &str) -> String {
    let problem = read(text.as_bytes()).unwrap_err().to_string();
    assert!(!problem.contains('\n'), "{problem}");
    problem
}

#[test]
fn a_decision_threshold_moves_the_class_and_not_the_probability() {
    let field = |name: &str| format!("<FieldRef field=\"{name}\"/>");
    let constant = |text: &str| format!("<Constant>{text}</Constant>");
    let told = |function: &str, a: &str, b: &str, yes: &str, no: &str| {
        let (yes, no) = (constant(yes), constant(no));
        decision(&format!(
            "<Apply function=\"if\"><Apply function=\"{function}\">{a}{b}</Apply>{yes}{no}</Apply>"
        ))
    };
    let (p, q, half) = (field("p"), field("q"), constant("0.5"));
    // At 60 the probability is 1/2.
    for (text, at_half) in [
        (told("lessThan", &p, &half, "well", "sick"), 1),
        (told("lessOrEqual", &p, &half, "well", "sick"), 0),
        (told("greaterThan", &p, &half, "sick", "well"), 0),
        (told("greaterOrEqual", &p, &half, "sick", "well"), 1),
        (told("lessThan", &half, &p, "sick", "well"), 0),
        (told("greaterThan", &q, &half, "well", "sick"), 1),
        (told("greaterOrEqual", &q, &half, "well", "sick"), 0),
    ] {
        let model = read(text.as_bytes()).unwrap();
        let found = predict(&model, "age\n59\n60\n61\n");
        let classes: Vec<usize> = found.iter().map(|(_, class)| class.unwrap()).collect();
        assert_eq!(classes, [0, at_half, 1], "{text}");
        assert_eq!(found[1].0, 0.5);
    }
    let model = read(told("lessThan", &p, &constant("0.2"), "well", "sick").as_bytes()).unwrap();
    assert_eq!(model.cutoff(), Some(0.2));
    assert_eq!(predict(&model, "age\n45\n47\n")[1].1, Some(1));
    for text in
        [told("lessThan", &p, &half, "sick", "well"), told("lessThan", &p, &half, "green", "red")]
    {
        assert!(problem(&text).contains("a question about a model's result in `told`"));
    }
}

#[test]
fn hazards_are_told_at_a_time_and_risks_at_a_horizon() {
    let at = |horizon: f64, text: &str| {
        read_with(text.as_bytes(), &Options { horizon: Some(horizon), ..Options::default() })
    };
    let relative = f64::exp(0.05 * (70.0 - 60.0));
    let file = hazards("active", "", BASELINE);
    let found = predict(&read(file.as_bytes()).unwrap(), "age,time\n70,90\n70,364\n70,730\n");
    for ((found, _), hazard) in found.iter().zip([0.03, 0.03, 0.1]) {
        assert!((found - hazard * relative).abs() < 1e-12);
    }
    let risk = at(365.0, &file).unwrap();
    assert_eq!(risk.columns().len(), 1);
    assert!(
        matches!(risk.target(), Target::Number(scales) if scales[0].curves == [Curve::Cloglog])
    );
    let found = predict(&risk, "age\n70\n")[0].0;
    assert!((found - (1.0 - f64::exp(-0.1 * relative))).abs() < 1e-12);
    // Beyond the baseline there is no answer, and none without a time.
    let model = read(file.as_bytes()).unwrap();
    let table = model.table(&Cases::from_csv("age,time\n70,731\n").unwrap()).unwrap();
    assert_eq!(model.predict(&table[0]), None);
    let supplementary = hazards("supplementary", "", BASELINE);
    assert!(problem(&supplementary)
        .contains("its baseline ends at 730) is not supported: say `--horizon TIME`"));
    assert!(at(365.0, &supplementary).is_ok());
    let beyond = at(731.0, &file).unwrap_err().to_string();
    assert!(beyond.contains("`--horizon` is 731: the baseline reaches from 0 to 730"), "{beyond}");
    let falling = BASELINE.replace("0.1", "0.01");
    assert!(problem(&hazards("active", "", &falling)).contains("don't ascend"));
    let strata = hazards("active", "baselineStrataVariable=\"sex\"", BASELINE);
    assert!(problem(&strata).contains("`baselineStrataVariable` of a CoxRegression"));
}

#[test]
fn codes_of_gaps_are_read() {
    let value = "dataType=\"double\"><Value value=\"-1\" property=\"missing\"/></DataField><DataField name=\"sex\"";
    let text = number("").replace("dataType=\"double\"/><DataField name=\"sex\"", value);
    let model = read(text.as_bytes()).unwrap();
    assert_eq!(model.columns()[0].missing_codes, [-1.0]);
    let table = model.table(&Cases::from_csv("age\n-1\n50\n").unwrap()).unwrap();
    assert_eq!(model.predict(&table[0]), None);
    assert_eq!(model.predict(&table[1]).unwrap().values, [-1.0]);
    let invalid = text.replace("property=\"missing\"", "property=\"invalid\"");
    assert!(
        problem(&invalid).contains("a value of `age` that is invalid is not supported: give it")
    );
    let as_missing = invalid.replace(
        "<MiningField name=\"age\"",
        "<MiningField name=\"age\" invalidValueTreatment=\"asMissing\"",
    );
    assert_eq!(read(as_missing.as_bytes()).unwrap().columns()[0].missing_codes, [-1.0]);
}

#[test]
fn refuses_by_name_what_would_change_the_result() {
    let target = |attributes: &str| {
        number(&format!("<Targets><Target field=\"y\" {attributes}/></Targets>"))
    };
    let prior = "<Targets><Target field=\"y\"><TargetValue defaultValue=\"3\"/></Target></Targets>";
    let apply = |function: &str| {
        transformed(&format!("<Apply function=\"{function}\"><FieldRef field=\"raw\"/></Apply>"))
    };
    let exp = "<Apply function=\"exp\"><FieldRef field=\"raw\"/></Apply>";
    let again = format!(
        "<OutputField name=\"also\" optype=\"continuous\" dataType=\"double\" feature=\"transformedValue\">{exp}</OutputField></Output>"
    );
    let general =
        |kind: &str, more: &str| hazards("active", more, "").replace("CoxRegression", kind);
    let chained = |method: &str| {
        let inner = "<RegressionModel functionName=\"regression\"><MiningSchema><MiningField name=\"age\"/></MiningSchema><RegressionTable intercept=\"1\"/></RegressionModel>";
        document("", &format!(
            "<MiningModel functionName=\"regression\">{SCHEMA}<Segmentation multipleModelMethod=\"{method}\">\
             <Segment><SimplePredicate field=\"age\" operator=\"lessThan\" value=\"5\"/>{inner}</Segment></Segmentation></MiningModel>"
        ))
    };
    let derived = |expression: &str| {
        number(&format!(
            "<LocalTransformations><DerivedField name=\"d\" optype=\"continuous\" dataType=\"double\">{expression}</DerivedField></LocalTransformations>"
        ))
    };
    for (text, expected) in [
        (target("castInteger=\"round\""), "`castInteger` of a Target"),
        (number(prior), "`defaultValue` of a TargetValue"),
        (target("min=\"3\" max=\"2\""), "the empty range 3 to 2"),
        (apply("ln"), "ln in `told` of a model's result is not supported: use + - * /"),
        (apply("sin"), "function `sin` in derived field `told`"),
        (transformed(exp).replace("</Output>", &again), "a second transformedValue beside `told`"),
        (transformed(exp).replace("transformedValue", "decision"), "the decision `told`"),
        (general("ordinalMultinomial", ""), "modelType `ordinalMultinomial` for a number"),
        (general("regression", "trialsValue=\"3\""), "`trialsValue` of a GeneralRegressionModel"),
        (general("regression", "offsetValue=\"3\""), "the offset of modelType `regression`"),
        (
            general("generalizedLinear", "linkFunction=\"negbin\""),
            "link `negbin` is not supported: use identity, log",
        ),
        (chained("selectFirst"), "selectFirst whose last Segment has a condition"),
        (chained("average"), "a Segment with a condition under `average`"),
        (derived("<TextIndex textField=\"sex\"/>"), "TextIndex in `d` is not supported"),
        (
            derived(
                "<Apply function=\"*\"><FieldRef field=\"age\"/><FieldRef field=\"sex\"/></Apply>",
            ),
            "arithmetic on a text in `d` is not supported: compare texts",
        ),
        (
            derived("<Apply function=\"unheard\"><FieldRef field=\"age\"/></Apply>"),
            "function `unheard` in derived field `d`",
        ),
        (number("<Sorting/>"), "the element Sorting is not supported: leave it out"),
        (
            number("").replace("intercept", "weight=\"2\" intercept"),
            "the attribute `weight` of RegressionTable is not supported",
        ),
        (
            number("").replace("optype=\"continuous\"", "isCyclic=\"1\" optype=\"continuous\""),
            "the cyclic field `age`",
        ),
    ] {
        let problem = problem(&text);
        assert!(problem.contains(expected), "{expected}: {problem}");
    }
}

#[test]
fn what_a_file_repeats_in_itself_is_bounded() {
    // Each function applies the one before twice: 2^40 parts.
    let mut functions = String::new();
    for index in 1..40 {
        let before = index - 1;
        let inner = format!("<Apply function=\"f{before}\"><FieldRef field=\"x\"/></Apply>");
        functions += &format!(
            "<DefineFunction name=\"f{index}\" optype=\"continuous\" dataType=\"double\"><ParameterField name=\"x\"/>\
             <Apply function=\"+\">{inner}{inner}</Apply></DefineFunction>"
        );
    }
    let first = "<DefineFunction name=\"f0\" optype=\"continuous\"><ParameterField name=\"x\"/><FieldRef field=\"x\"/></DefineFunction>";
    let top = format!(
        "<TransformationDictionary>{first}{functions}</TransformationDictionary><RegressionModel"
    );
    for deepest in ["f20", "f39"] {
        let text = transformed(&format!(
            "<Apply function=\"{deepest}\"><FieldRef field=\"raw\"/></Apply>"
        ));
        let problem = problem(&text.replace("<RegressionModel", &top));
        assert!(problem.contains("more than"), "{problem}");
    }
    let itself = first.replace(
        "<FieldRef field=\"x\"/>",
        "<Apply function=\"f0\"><FieldRef field=\"x\"/></Apply>",
    );
    let text = transformed("<Apply function=\"f0\"><FieldRef field=\"raw\"/></Apply>");
    let top =
        format!("<TransformationDictionary>{itself}</TransformationDictionary><RegressionModel");
    let error = read(text.replace("<RegressionModel", &top).as_bytes()).unwrap_err();
    assert!(matches!(error, ModelFileError::Syntax { .. }), "{error}");
}

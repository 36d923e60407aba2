# SPDX-License-Identifier: Apache-2.0
"""Trains small models on data sets that ship inside scikit-learn, and predicts with the libraries themselves.

Writes into the directory given, for each model NAME: its file NAME.model, the training data NAME.train.csv, the
held-out cases NAME.test.csv, and NAME.expected.csv: `label` and what was predicted, `value` of a regression, or `class`
and the probabilities `p0`, `p1`, ... of a classification. Prints the names.

Predictions for XGBoost and LightGBM files are the libraries' own, those for ONNX onnxruntime's, those for PMML
jpmml-evaluator's (AGPL: it is only ever run as a separate process, in tests).
"""

import json
import pathlib
import sys
import tempfile
import warnings

import lightgbm
import numpy
import pandas
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.ensemble import (GradientBoostingClassifier, GradientBoostingRegressor, RandomForestClassifier,
                              RandomForestRegressor)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).resolve().parent
SETS = {"cancer": load_breast_cancer, "wine": load_wine, "diabetes": load_diabetes}


def data(name, gaps=False):
    """Training and held-out cases and labels; ten columns at most, one of them 0 and 1 so that flags occur."""
    sample = SETS[name]()
    # LightGBM takes no spaces in names.
    names = [str(n).replace(" ", "_").replace("/", "_") for n in sample.feature_names][:10]
    x = sample.data.astype(float)[:, :10]
    x = numpy.column_stack([x, (x[:, 0] > numpy.median(x[:, 0])).astype(float)])
    if gaps:
        x[numpy.random.default_rng(7).random(x.shape) < 0.1] = numpy.nan
    frame = pandas.DataFrame(x, columns=names + ["large"])
    return train_test_split(frame, sample.target, test_size=0.4, random_state=3)


class Writer:
    def __init__(self, out):
        self.out = out

    def write(self, name, file, train, test, expected):
        if isinstance(file, (bytes, str)):
            file = file.encode() if isinstance(file, str) else file
            (self.out / f"{name}.model").write_bytes(file)
        else:
            file(self.out / f"{name}.model")
        train.to_csv(self.out / f"{name}.train.csv", index=False)
        test.to_csv(self.out / f"{name}.test.csv", index=False)
        expected.to_csv(self.out / f"{name}.expected.csv", index=False)
        print(name, flush=True)


def expect(labels, values=None, classes=None, probabilities=None):
    frame = pandas.DataFrame({"label": labels})
    if values is not None:
        frame["value"] = numpy.asarray(values, dtype=float).ravel()
        return frame
    frame["class"] = numpy.asarray(classes).ravel()
    for index, column in enumerate(numpy.asarray(probabilities, dtype=float).T):
        frame[f"p{index}"] = column
    return frame


def boosters(writer):
    for set_name, gaps in [("cancer", False), ("cancer", True), ("diabetes", False), ("wine", False)]:
        train, test, y, test_y = data(set_name, gaps)
        suffix = set_name + ("-gaps" if gaps else "")
        regression = set_name == "diabetes"

        model = (xgboost.XGBRegressor if regression else xgboost.XGBClassifier)(
            n_estimators=25, max_depth=3, learning_rate=0.2, random_state=1, n_jobs=1)
        model.fit(train, y)
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "model.json"
            model.get_booster().save_model(file)
            text = file.read_text()
        expected = expect(test_y, model.predict(test)) if regression else \
            expect(test_y, classes=model.predict(test), probabilities=model.predict_proba(test))
        writer.write(f"xgboost-{suffix}", text, train, test, expected)

        kinds = ["multiclass", "multiclassova"] if set_name == "wine" else [None]
        for kind in kinds:
            extra = {"objective": kind} if kind else {}
            model = (lightgbm.LGBMRegressor if regression else lightgbm.LGBMClassifier)(
                n_estimators=25, max_depth=3, num_leaves=8, learning_rate=0.2, min_child_samples=10, random_state=1, n_jobs=1, verbose=-1, **extra)
            model.fit(train, y)
            text = model.booster_.model_to_string() if not gaps else json.dumps(model.booster_.dump_model())
            expected = expect(test_y, model.predict(test)) if regression else \
                expect(test_y, classes=model.predict(test), probabilities=model.booster_.predict(test) if kind else model.predict_proba(test))
            writer.write(f"lightgbm-{suffix}" + ("-ova" if kind == "multiclassova" else ""), text, train, test, expected)


def scikit(set_name):
    """Pipelines of scikit-learn by name."""
    if set_name == "diabetes":
        return {
            "linear": [("scale", MinMaxScaler()), ("model", LinearRegression())],
            "tree": [("model", DecisionTreeRegressor(max_depth=4, random_state=1))],
            "forest": [("model", RandomForestRegressor(n_estimators=10, max_depth=3, random_state=1))],
            "boosting": [("model", GradientBoostingRegressor(n_estimators=20, max_depth=3, random_state=1))],
        }
    return {
        "logistic": [("scale", StandardScaler()), ("model", LogisticRegression(max_iter=2000))],
        "tree": [("model", DecisionTreeClassifier(max_depth=4, random_state=1))],
        "forest": [("model", RandomForestClassifier(n_estimators=10, max_depth=3, random_state=1))],
        "boosting": [("model", GradientBoostingClassifier(n_estimators=15, max_depth=3, random_state=1))],
    }


def pmml(writer):
    from jpmml_evaluator import make_evaluator
    from sklearn2pmml import sklearn2pmml
    from sklearn2pmml.pipeline import PMMLPipeline

    def evaluate(file, test, labels, classes):
        evaluator = make_evaluator(str(file)).verify()
        result = evaluator.evaluateAll(test)
        target = evaluator.getTargetFields()[0].getName()
        if classes is None:
            return expect(labels, result[target])
        columns = [f"probability({c})" for c in classes]
        return expect(labels, classes=result[target] if target in result else result[columns].to_numpy().argmax(axis=1),
                      probabilities=result[columns].to_numpy())

    for set_name in SETS:
        train, test, y, test_y = data(set_name)
        regression = set_name == "diabetes"
        models = dict(scikit(set_name))
        models["xgboost"] = [("model", (xgboost.XGBRegressor if regression else xgboost.XGBClassifier)(
            n_estimators=10, max_depth=3, random_state=1, n_jobs=1))]
        models["lightgbm"] = [("model", (lightgbm.LGBMRegressor if regression else lightgbm.LGBMClassifier)(
            n_estimators=10, max_depth=3, random_state=1, n_jobs=1, verbose=-1))]
        if set_name == "cancer":
            models["one-hot"] = [("columns", ColumnTransformer([("flag", OneHotEncoder(), ["large"])], remainder="passthrough")),
                                 ("model", LogisticRegression(max_iter=5000))]
        for name, steps in models.items():
            pipeline = PMMLPipeline(steps)
            pipeline.fit(train, y)
            precision = 1e-5 if name == "xgboost" else 1e-9
            pipeline.verify(train.sample(n=10, random_state=1), precision=precision, zeroThreshold=precision)
            with tempfile.TemporaryDirectory() as folder:
                file = pathlib.Path(folder) / "model.pmml"
                sklearn2pmml(pipeline, str(file), with_repr=False)
                expected = evaluate(file, test, test_y, None if regression else sorted(set(y)))
                writer.write(f"pmml-{name}-{set_name}", file.read_bytes(), train, test, expected)
    # Written by hand for tests/pmml.rs: our reading of the standard against another one.
    for file in sorted((HERE.parent / "tests" / "data").glob("*.pmml")):
        cases = pandas.read_csv(file.with_suffix(".csv"))
        evaluator = make_evaluator(str(file)).verify()
        result = evaluator.evaluateAll(cases)
        fields = [f.getName() for f in list(evaluator.getTargetFields()) + list(evaluator.getOutputFields())]
        frame = pandas.DataFrame({f: result[f] for f in fields if f in result})
        first = frame.columns[0]
        shares = [c for c in frame.columns if c.startswith("probability(")]
        expected = expect([0] * len(frame), frame[first]) if not shares else \
            expect([0] * len(frame), classes=frame[first], probabilities=frame[shares].to_numpy())
        reasons = [c for c in frame.columns if c.startswith("reason")]
        if reasons:
            expected["reasons"] = frame[reasons].agg(" ".join, axis=1)
        writer.write(f"pmml-hand-{file.stem}", file.read_bytes(), cases, cases, expected)


def onnx(writer):
    import onnxruntime
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType

    for set_name in SETS:
        train, test, y, test_y = data(set_name)
        regression = set_name == "diabetes"
        for name, steps in scikit(set_name).items():
            pipeline = Pipeline(steps)
            named = name in ("logistic", "linear", "tree")
            if named:
                columns = ColumnTransformer([("all", "passthrough", list(train.columns))])
                pipeline = Pipeline([("columns", columns), *steps])
                types = [(column, FloatTensorType([None, 1])) for column in train.columns]
            else:
                types = [("X", FloatTensorType([None, train.shape[1]]))]
            pipeline.fit(train, y)
            options = {} if regression or name != "forest" else {id(pipeline): {"zipmap": False}}
            model = convert_sklearn(pipeline, initial_types=types, options=options)
            session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
            cases = test.to_numpy().astype(numpy.float32)
            feed = {c: cases[:, [i]] for i, c in enumerate(train.columns)} if named else {"X": cases}
            result = session.run(None, feed)
            if regression:
                expected = expect(test_y, result[0])
            else:
                shares = result[1] if isinstance(result[1], numpy.ndarray) else pandas.DataFrame(result[1]).to_numpy()
                expected = expect(test_y, classes=result[0], probabilities=shares)
            writer.write(f"onnx-{name}-{set_name}", model.SerializeToString(), train, test, expected)


def main():
    writer = Writer(pathlib.Path(sys.argv[1]))
    kinds = {"boosters": boosters, "pmml": pmml, "onnx": onnx}
    for kind in sys.argv[2:] or kinds:
        kinds[kind](writer)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Trains models on the data sets that ship inside scikit-learn, for tests/real_data.rs.

Writes into the directory given, for each model NAME: NAME.model, a file as its library (or
skl2onnx) saves it; the training data NAME.train.csv, the
held-out cases NAME.test.csv, and NAME.expected.csv with the columns `label` and `prediction`: the
library's own probability, value, or number of the class. Prints NAME and kind (`binary`, `classes`
or `value`) of each.
"""

import pathlib
import re
import sys

import lightgbm
import numpy
import pandas
import xgboost
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class Data:
    """A data set, split in halves that stay the same."""

    def __init__(self, name, load, kind):
        sample = load()
        self.name, self.kind = name, kind
        # LightGBM takes no spaces in names, skl2onnx only letters, digits and underscores.
        self.columns = [re.sub("[ /]", "_", str(name).replace(" (cm)", "")) for name in sample.feature_names]
        x, y = sample.data.astype(float), sample.target.astype(float)
        stratify = None if kind == "value" else y
        self.train, self.test, self.train_y, self.test_y = train_test_split(x, y, test_size=0.4, random_state=3, stratify=stratify)


def number(x):
    return repr(float(x))


def onnx(data, out, *steps):
    """A scikit-learn pipeline, as skl2onnx writes it, with one input a column."""
    train, test = (pandas.DataFrame(x, columns=data.columns) for x in (data.train, data.test))
    passing = ColumnTransformer([("all", "passthrough", data.columns)])
    pipeline = make_pipeline(passing, *steps).fit(train, data.train_y.astype(float if data.kind == "value" else int))
    types = [(column, FloatTensorType([None, 1])) for column in data.columns]
    out.with_suffix(".model").write_bytes(convert_sklearn(pipeline, initial_types=types).SerializeToString())
    return pipeline.predict_proba(test)[:, 1] if data.kind == "binary" else pipeline.predict(test)


def linear(data, out):
    """A linear or logistic model on standardised features."""
    return onnx(data, out, StandardScaler(), LinearRegression() if data.kind == "value" else LogisticRegression(max_iter=1000))


def forest(data, out):
    make = RandomForestRegressor if data.kind == "value" else RandomForestClassifier
    return onnx(data, out, make(n_estimators=20, max_depth=3, random_state=1))


def xgboost_trees(data, out):
    objective = {"binary": "binary:logistic", "value": "reg:squarederror", "classes": "multi:softprob"}[data.kind]
    params = {"objective": objective, "max_depth": 3, "eta": 0.1, "seed": 1, "nthread": 1}
    if data.kind == "classes":
        params["num_class"] = 3
    rounds = 30
    model = xgboost.train(params, xgboost.DMatrix(data.train, data.train_y, feature_names=data.columns), rounds)
    model.save_model(out.with_suffix(".json"))
    out.with_suffix(".json").rename(out.with_suffix(".model"))
    prediction = model.predict(xgboost.DMatrix(data.test, feature_names=data.columns))
    return prediction.argmax(axis=1) if data.kind == "classes" else prediction


def lightgbm_trees(data, out):
    objective = {"binary": "binary", "value": "regression", "classes": "multiclass"}[data.kind]
    params = {"objective": objective, "max_depth": 3, "num_leaves": 8, "learning_rate": 0.1, "verbose": -1, "seed": 1, "num_threads": 1}
    if data.kind == "classes":
        params["num_class"] = 3
    rounds = 30
    model = lightgbm.train(params, lightgbm.Dataset(data.train, data.train_y, feature_name=data.columns), rounds)
    model.save_model(out.with_suffix(".model"))
    prediction = model.predict(data.test)
    return prediction.argmax(axis=1) if data.kind == "classes" else prediction


def table(columns, rows):
    lines = [",".join(columns)] + [",".join(number(x) for x in row) for row in rows]
    return "\n".join(lines) + "\n"


def main():
    folder = pathlib.Path(sys.argv[1])
    cancer = Data("breast cancer", load_breast_cancer, "binary")
    diabetes = Data("diabetes", load_diabetes, "value")
    iris, wine = Data("iris", load_iris, "classes"), Data("wine", load_wine, "classes")
    for data, train, word in [
        (cancer, linear, "logistic regression"),
        (cancer, xgboost_trees, "XGBoost"),
        (cancer, lightgbm_trees, "LightGBM"),
        (cancer, forest, "random forest"),
        (diabetes, linear, "linear regression"),
        (diabetes, xgboost_trees, "XGBoost"),
        (diabetes, lightgbm_trees, "LightGBM"),
        (diabetes, forest, "random forest"),
        (iris, linear, "logistic regression"),
        (iris, xgboost_trees, "XGBoost"),
        (wine, linear, "logistic regression"),
        (wine, lightgbm_trees, "LightGBM"),
    ]:
        name = f"{data.name}, {word}"
        out = folder / name
        prediction = train(data, out)
        out.with_suffix(".train.csv").write_text(table(data.columns, data.train))
        out.with_suffix(".test.csv").write_text(table(data.columns, data.test))
        out.with_suffix(".expected.csv").write_text(table(["label", "prediction"], numpy.column_stack([data.test_y, prediction])))
        print(f"{data.kind}\t{name}")


if __name__ == "__main__":
    main()

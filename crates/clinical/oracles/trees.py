# SPDX-License-Identifier: Apache-2.0
"""Trains small models with xgboost and lightgbm on data sets that ship inside scikit-learn.

Writes into the directory given: for each model NAME its file NAME.model, the training data
NAME.train.csv, the held-out cases NAME.test.csv, and NAME.expected.csv with the columns `label` and
`prediction`, the library's own prediction. Prints the names.
"""

import json
import pathlib
import sys

import lightgbm
import numpy
import xgboost
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.model_selection import train_test_split


def table(columns, rows):
    number = lambda x: "" if numpy.isnan(x) else repr(float(x))
    lines = [",".join(columns)] + [",".join(number(x) for x in row) for row in rows]
    return "\n".join(lines) + "\n"


def data(load, gaps):
    sample = load()
    # LightGBM takes no spaces in names.
    names = [str(name).replace(" ", "_") for name in sample.feature_names]
    x, y = sample.data.astype(float), sample.target.astype(float)
    # A column of 0 and 1, so that flags occur.
    x = numpy.column_stack([x, (x[:, 0] > numpy.median(x[:, 0])).astype(float)])
    names.append("large")
    if gaps:
        x[numpy.random.default_rng(7).random(x.shape) < 0.1] = numpy.nan
    return names, train_test_split(x, y, test_size=0.4, random_state=3)


def main():
    out = pathlib.Path(sys.argv[1])
    for name, load, gaps, library in [
        ("xgboost-cancer", load_breast_cancer, False, "xgboost"),
        ("xgboost-cancer-gaps", load_breast_cancer, True, "xgboost"),
        ("xgboost-diabetes", load_diabetes, False, "xgboost"),
        ("lightgbm-cancer", load_breast_cancer, False, "lightgbm-text"),
        ("lightgbm-cancer-gaps", load_breast_cancer, True, "lightgbm-json"),
        ("lightgbm-diabetes", load_diabetes, False, "lightgbm-text"),
    ]:
        names, (train, test, train_y, test_y) = data(load, gaps)
        binary = load is load_breast_cancer
        if library == "xgboost":
            params = {"objective": "binary:logistic" if binary else "reg:squarederror", "max_depth": 3, "eta": 0.2, "seed": 1, "nthread": 1}
            model = xgboost.train(params, xgboost.DMatrix(train, train_y, feature_names=names), 50 if binary else 25)
            model.save_model(out / f"{name}.json")
            (out / f"{name}.json").rename(out / f"{name}.model")
            prediction = model.predict(xgboost.DMatrix(test, feature_names=names))
        else:
            params = {"objective": "binary" if binary else "regression", "max_depth": 3, "num_leaves": 8, "learning_rate": 0.2,
                      "verbose": -1, "seed": 1, "num_threads": 1}
            model = lightgbm.train(params, lightgbm.Dataset(train, train_y, feature_name=names), 50 if binary else 25)
            if library == "lightgbm-text":
                model.save_model(out / f"{name}.model")
            else:
                (out / f"{name}.model").write_text(json.dumps(model.dump_model()))
            prediction = model.predict(test)
        (out / f"{name}.train.csv").write_text(table(names, train))
        (out / f"{name}.test.csv").write_text(table(names, test))
        (out / f"{name}.expected.csv").write_text(table(["label", "prediction"], numpy.column_stack([test_y, prediction])))
        print(name)


if __name__ == "__main__":
    main()

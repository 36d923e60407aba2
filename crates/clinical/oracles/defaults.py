# SPDX-License-Identifier: Apache-2.0
"""Trains models with their libraries' defaults on medical data sets that ship inside Python packages, for
tests/defaults.rs.

Writes into the directory given, for each model NAME: NAME.model; the training data NAME.train.csv; the held-out cases
NAME.test.csv; and NAME.expected.csv with the library's own answers on them: `value`, or `class` and `p0`, `p1`, ...
Writes NAME and kind (`tree` or `linear`) of each into the file `list`. Arguments after the directory are names of data sets.

Sources: scikit-learn (breast cancer, Street et al. 1993; diabetes, Efron et al. 2004; wine, Forina 1991), lifelines
(GBSG-2, Schumacher et al. 1994; lung, Loprinzi et al. 1994; kidney transplants and larynx, Klein and Moeschberger 2003;
Stanford heart transplants, Crowley and Hu 1977), statsmodels (RAND health insurance experiment, Cameron and Trivedi 2005).
"""

import pathlib
import re
import sys
import tempfile
import warnings

import catboost
import lifelines.datasets
import lightgbm
import numpy
import pandas
import statsmodels.api
import xgboost
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.ensemble import (GradientBoostingClassifier, GradientBoostingRegressor, RandomForestClassifier,
                              RandomForestRegressor)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")


def of_sklearn(load):
    sample = load()
    return pandas.DataFrame(sample.data, columns=sample.feature_names).astype(float), sample.target


def of_lifelines(load, outcome, drop):
    frame = load().dropna()
    frame = frame.replace({"yes": 1, "no": 0, "Post": 1, "Pre": 0, "I": 1, "II": 2, "III": 3})
    y = frame[outcome].astype(int)
    return frame.drop(columns=[outcome] + drop).astype(float), (y - y.min()).to_numpy()


def randhie():
    frame = statsmodels.api.datasets.randhie.load_pandas().data.sample(1500, random_state=1)
    return frame.drop(columns="mdvis").astype(float), (frame.mdvis > 2).astype(int).to_numpy()


SETS = {
    "breast-cancer": (lambda: of_sklearn(load_breast_cancer), "classes"),
    "gbsg2": (lambda: of_lifelines(lifelines.datasets.load_gbsg2, "cens", ["time"]), "classes"),
    "lung": (lambda: of_lifelines(lifelines.datasets.load_lung, "status", ["inst", "time"]), "classes"),
    "kidney": (lambda: of_lifelines(lifelines.datasets.load_kidney_transplant, "death", ["time"]), "classes"),
    "larynx": (lambda: of_lifelines(lifelines.datasets.load_larynx, "death", ["time"]), "classes"),
    "heart": (lambda: of_lifelines(lifelines.datasets.load_stanford_heart_transplants, "event", ["start", "stop", "id"]), "classes"),
    "randhie": (randhie, "classes"),
    "diabetes": (lambda: of_sklearn(load_diabetes), "value"),
    "wine": (lambda: of_sklearn(load_wine), "classes"),
}


class Data:
    def __init__(self, name):
        load, self.kind = SETS[name]
        x, y = load()
        x.columns = [re.sub(r"\W", "_", str(column)) for column in x.columns]
        self.columns = list(x.columns)
        stratify = None if self.kind == "value" else y
        self.train, self.test, self.y, self.test_y = train_test_split(x, y, test_size=0.3, random_state=3, stratify=stratify)
        self.is_value = self.kind == "value"


def answers(model, data):
    """What the library says on the held-out cases."""
    if data.is_value:
        return pandas.DataFrame({"value": numpy.asarray(model.predict(data.test), dtype=float).ravel()})
    frame = pandas.DataFrame({"class": numpy.asarray(model.predict(data.test)).ravel().astype(int)})
    for index, column in enumerate(numpy.asarray(model.predict_proba(data.test), dtype=float).T):
        frame[f"p{index}"] = column
    return frame


def sklearn_model(kind, data):
    value = data.is_value
    made = {
        "linear": [StandardScaler(), LinearRegression() if value else LogisticRegression()],
        "forest": [RandomForestRegressor(random_state=1) if value else RandomForestClassifier(random_state=1)],
        "boosting": [GradientBoostingRegressor(random_state=1) if value else GradientBoostingClassifier(random_state=1)],
    }[kind]
    return make_pipeline(*made)


def onnx(kind, data, path):
    # onnxruntime computes in single precision: the library is asked about the same numbers.
    data.train, data.test = data.train.astype(numpy.float32), data.test.astype(numpy.float32)
    passing = ColumnTransformer([("all", "passthrough", data.columns)])
    model = make_pipeline(passing, *[step for _, step in sklearn_model(kind, data).steps]).fit(data.train, data.y)
    types = [(column, FloatTensorType([None, 1])) for column in data.columns]
    options = None if data.is_value else {id(model): {"zipmap": False}}
    path.write_bytes(convert_sklearn(model, initial_types=types, options=options).SerializeToString())
    return answers(model, data)


def pmml(kind, data, path):
    from sklearn2pmml import sklearn2pmml
    from sklearn2pmml.pipeline import PMMLPipeline
    model = PMMLPipeline(sklearn_model(kind, data).steps).fit(data.train, pandas.Series(data.y, name="y"))
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "model.pmml"
        sklearn2pmml(model, str(file))
        path.write_bytes(file.read_bytes())
    return answers(model, data)


def xgboost_json(data, path):
    model = (xgboost.XGBRegressor if data.is_value else xgboost.XGBClassifier)(random_state=1, n_jobs=1).fit(data.train, data.y)
    model.save_model(path.with_suffix(".json"))
    path.with_suffix(".json").rename(path)
    return answers(model, data)


def xgboost_shallow(data, path):
    make = xgboost.XGBRegressor if data.is_value else xgboost.XGBClassifier
    model = make(n_estimators=300, max_depth=3, random_state=1, n_jobs=1).fit(data.train, data.y)
    model.save_model(path.with_suffix(".json"))
    path.with_suffix(".json").rename(path)
    return answers(model, data)


def lightgbm_text(data, path):
    make = lightgbm.LGBMRegressor if data.is_value else lightgbm.LGBMClassifier
    model = make(random_state=1, n_jobs=1, verbose=-1).fit(data.train, data.y)
    model.booster_.save_model(path)
    return answers(model, data)


def catboost_json(data, path):
    make = catboost.CatBoostRegressor if data.is_value else catboost.CatBoostClassifier
    model = make(iterations=200, random_seed=1, thread_count=1, verbose=False, allow_writing_files=False).fit(data.train, data.y)
    model.save_model(str(path), format="json")
    return answers(model, data)


MODELS = {
    "logistic-onnx": ("linear", lambda data, path: onnx("linear", data, path)),
    "forest-onnx": ("tree", lambda data, path: onnx("forest", data, path)),
    "logistic-pmml": ("linear", lambda data, path: pmml("linear", data, path)),
    "forest-pmml": ("tree", lambda data, path: pmml("forest", data, path)),
    "boosting-pmml": ("tree", lambda data, path: pmml("boosting", data, path)),
    "xgboost": ("tree", xgboost_json),
    "xgboost-300x3": ("tree", xgboost_shallow),
    "lightgbm": ("tree", lightgbm_text),
    "catboost": ("tree", catboost_json),
}


def main():
    out = pathlib.Path(sys.argv[1])
    for set_name in sys.argv[2:] or SETS:
        for name, (kind, make) in MODELS.items():
            data = Data(set_name)
            path = out / f"{set_name}-{name}.model"
            expected = make(data, path)
            data.train.to_csv(path.with_suffix(".train.csv"), index=False)
            data.test.to_csv(path.with_suffix(".test.csv"), index=False)
            expected.to_csv(path.with_suffix(".expected.csv"), index=False)
            with (out / "list").open("a") as file:
                file.write(f"{set_name}-{name}\t{kind}\n")


main()

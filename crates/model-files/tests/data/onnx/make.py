#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains small models, writes them as ONNX and beside each the answers of onnxruntime.

    python make.py [NAME...]

NAME.csv has the inputs, then `=class` and `=0`, `=1`, … (probabilities or scores by class) or
`=value`. Needs scikit-learn, skl2onnx, onnxmltools, xgboost, lightgbm, catboost, onnxruntime.
"""
import pathlib, sys, warnings
import numpy as np, pandas as pd, onnx, onnxruntime
from onnx import TensorProto as T, helper as h, numpy_helper

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent
RNG = np.random.default_rng(7)
N = 400
D = pd.DataFrame({
    "age": RNG.integers(30, 90, N).astype(float),
    "weight": np.round(RNG.normal(80, 15, N).clip(45, 140), 1),
    "height": np.round(RNG.normal(1.7, .1, N).clip(1.45, 2.0), 2),
    "crp": np.round(np.exp(RNG.normal(1.5, 1.2, N)), 1) + .1,
    "stage": RNG.integers(1, 5, N).astype(float),
})
D["smoking"] = RNG.choice(["never", "former", "current"], N)
D["sex"] = RNG.choice(["female", "male"], N)
NUMBERS = ["age", "weight", "height", "crp", "stage"]
LOGIT = (.05 * (D.age - 60) + .08 * (D.weight / D.height**2 - 27) + .5 * np.log(D.crp) - .8
         + .4 * (D.stage - 2) + .7 * (D.smoking == "current") + .3 * (D.sex == "male"))
Y = (RNG.random(N) < 1 / (1 + np.exp(-LOGIT))).astype(int)
Y3 = np.digitize(LOGIT + RNG.normal(0, 1, N), [-.7, .9])
VALUE = 10 * LOGIT + RNG.normal(0, 2, N)
X = D[NUMBERS].astype(np.float32)
GAPS = D.copy()
for column in NUMBERS:
    GAPS.loc[RNG.random(N) < .15, column] = np.nan
MODELS = {}


def whole(of=h.make_attribute):
    """skl2onnx passes numpy's unsigned numbers, which onnx no longer takes."""
    def make(name, value, *args, **kwargs):
        if isinstance(value, list) and value and isinstance(value[0], np.integer):
            value = [int(one) for one in value]
        return of(name, value, *args, **kwargs)
    return make


h.make_attribute = whole()


def model(made):
    MODELS[made.__name__] = made
    return made


def skl(fitted, names=None, separate=True, frame=None, options=None, **kwargs):
    """skl2onnx with one input a column, or one of all."""
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    names = names or NUMBERS
    if separate:
        kind = lambda c: StringTensorType([None, 1]) if D[c].dtype.kind not in "fi" else FloatTensorType([None, 1])
        types = [(c, kind(c)) for c in names]
    else:
        types = [("X", FloatTensorType([None, len(names)]))]
    if options is None and hasattr(fitted, "predict_proba"):
        options = {id(fitted): {"zipmap": False}}
    return to_onnx(fitted, initial_types=types, options=options or None, **kwargs)


def graph(nodes, inputs, outputs, constants=(), opset=18, ml=3):
    """A graph by hand: inputs and outputs are (name, type, shape)."""
    info = lambda all: [h.make_tensor_value_info(*one) for one in all]
    g = h.make_graph(nodes, "g", info(inputs), info(outputs),
                     [numpy_helper.from_array(np.asarray(v), k) for k, v in constants])
    m = h.make_model(g, opset_imports=[h.make_opsetid("", opset), h.make_opsetid("ai.onnx.ml", ml)])
    m.ir_version = 8
    return m


def columns(*names):
    return [(n, T.STRING if D[n].dtype.kind not in "fi" else T.FLOAT, [None, 1]) for n in names]


def ml(op, inputs, outputs, **attributes):
    return h.make_node(op, inputs, outputs, domain="ai.onnx.ml", **attributes)


def n(op, inputs, outputs, **attributes):
    return h.make_node(op, inputs, outputs, **attributes)


def answers(onx, rows):
    session = onnxruntime.InferenceSession(onx.SerializeToString(), providers=["CPUExecutionProvider"])
    kinds = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int64)": np.int64,
             "tensor(bool)": np.bool_, "tensor(int32)": np.int32}
    feed = {}
    inputs = session.get_inputs()
    for one in inputs:
        if len(inputs) == 1 and one.name not in rows:
            feed[one.name] = rows.astype(kinds[one.type]).to_numpy()
        elif one.type == "tensor(string)":
            feed[one.name] = rows[one.name].fillna("").astype(str).to_numpy(dtype=object)
        else:
            feed[one.name] = rows[one.name].to_numpy().astype(kinds[one.type])
        if len(one.shape) == 2 and feed[one.name].ndim == 1:
            feed[one.name] = feed[one.name].reshape(-1, 1)
    found = {}
    for output, value in zip(session.get_outputs(), session.run(None, feed)):
        if isinstance(value, list):
            for key in value[0]:
                found[f"={list(value[0]).index(key)}"] = [row[key] for row in value]
            continue
        value = np.asarray(value)
        if value.ndim == 2 and value.shape[1] > 1:
            for i in range(value.shape[1]):
                found[f"={i}"] = value[:, i]
        elif value.dtype.kind in "iOUSb":
            found["=class"] = value.ravel().astype(int) if value.dtype.kind == "b" else value.ravel()
        else:
            found["=value"] = value.ravel()
    return found


# --- scikit-learn -----------------------------------------------------------------------------

from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import *
from sklearn.impute import SimpleImputer
from sklearn.linear_model import *
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import *
from sklearn.svm import SVC, LinearSVC
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

SMALL = dict(n_estimators=4, max_depth=2, random_state=1)

@model
def logistic_l1_normalised():
    return skl(make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y), options={})

@model
def multinomial():
    return skl(make_pipeline(MinMaxScaler(), LogisticRegression()).fit(X, Y3))

@model
def one_vs_rest():
    from sklearn.multiclass import OneVsRestClassifier
    return skl(OneVsRestClassifier(LogisticRegression()).fit(X, Y3), separate=False)

@model
def text_categories():
    prepare = ColumnTransformer([
        ("n", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), NUMBERS),
        ("c", OneHotEncoder(handle_unknown="ignore"), ["smoking", "sex"])])
    fitted = make_pipeline(prepare, LogisticRegression()).fit(GAPS, Y)
    return skl(fitted, names=[*NUMBERS, "smoking", "sex"]), GAPS

@model
def text_categories_forest():
    prepare = ColumnTransformer([
        ("c", OneHotEncoder(drop="first", handle_unknown="ignore"), ["smoking", "sex"])], remainder="passthrough")
    fitted = make_pipeline(prepare, RandomForestClassifier(**SMALL)).fit(D, Y)
    return skl(fitted, names=[*NUMBERS, "smoking", "sex"]), D

@model
def ordinal_texts():
    prepare = ColumnTransformer([
        ("c", OrdinalEncoder(categories=[["never", "former", "current"], ["female", "male"]],
                             handle_unknown="use_encoded_value", unknown_value=-1), ["smoking", "sex"]),
        ("n", "passthrough", NUMBERS)])
    fitted = make_pipeline(prepare, GradientBoostingClassifier(**SMALL)).fit(D, Y)
    return skl(fitted, names=[*NUMBERS, "smoking", "sex"]), D

@model
def onehot_ints():
    prepare = ColumnTransformer([("c", OneHotEncoder(), ["stage"]), ("n", "passthrough", ["age", "crp"])])
    fitted = make_pipeline(prepare, LogisticRegression()).fit(D, Y)
    return skl(fitted, names=["age", "crp", "stage"]), D[["age", "crp", "stage"]]

@model
def imputed_code():
    coded = X.fillna(0); coded.loc[coded.crp > 8, "crp"] = -1
    fitted = make_pipeline(SimpleImputer(missing_values=-1), LogisticRegression()).fit(coded, Y)
    return skl(fitted), coded

@model
def imputed_with_indicator():
    g = GAPS[NUMBERS].astype(np.float32)
    fitted = make_pipeline(SimpleImputer(add_indicator=True), LogisticRegression()).fit(g, Y)
    return skl(fitted), g

@model
def gradient_boosting():
    return skl(GradientBoostingClassifier(**SMALL).fit(X, Y), separate=False)

@model
def gradient_boosting_three():
    return skl(GradientBoostingClassifier(**SMALL).fit(X, Y3), separate=False)

@model
def gradient_boosting_regressor():
    return skl(GradientBoostingRegressor(**SMALL).fit(X, VALUE), separate=False)

@model
def hist_gradient_boosting():
    g = GAPS[NUMBERS].astype(np.float32)
    return skl(HistGradientBoostingClassifier(max_iter=4, max_depth=3).fit(g.to_numpy(), Y), separate=False), g

@model
def hist_gradient_boosting_regressor():
    g = GAPS[NUMBERS].astype(np.float32)
    return skl(HistGradientBoostingRegressor(max_iter=4, max_depth=3).fit(g.to_numpy(), VALUE), separate=False), g

@model
def hist_gradient_boosting_three():
    return skl(HistGradientBoostingClassifier(max_iter=3, max_depth=2).fit(X.to_numpy(), Y3), separate=False)

@model
def forest_three():
    return skl(RandomForestClassifier(**SMALL).fit(X, Y3), separate=False)

@model
def forest_regressor():
    return skl(RandomForestRegressor(**SMALL).fit(X, VALUE), separate=False)

@model
def scaled_forest():
    return skl(make_pipeline(StandardScaler(), RandomForestClassifier(**SMALL)).fit(X, Y))

@model
def extra_tree_double():
    from skl2onnx.common.data_types import DoubleTensorType
    from skl2onnx import to_onnx
    f = ExtraTreesRegressor(**SMALL).fit(X, VALUE)
    return to_onnx(f, initial_types=[("X", DoubleTensorType([None, 5]))], target_opset={"": 18, "ai.onnx.ml": 3})

@model
def ada_boost():
    return skl(AdaBoostClassifier(n_estimators=3, random_state=1).fit(X, Y), separate=False)

@model
def bagging():
    return skl(BaggingClassifier(DecisionTreeClassifier(max_depth=2), n_estimators=3, random_state=1).fit(X, Y), separate=False)

@model
def bagging_logistic():
    return skl(BaggingClassifier(make_pipeline(LogisticRegression(C=.1)), n_estimators=3, random_state=1).fit(X, Y), separate=False)

def calibrated(estimator, y, **kwargs):
    return skl(CalibratedClassifierCV(estimator, **kwargs).fit(X, y), separate=False)

@model
def calibrated_sigmoid_boosting():
    return calibrated(GradientBoostingClassifier(**SMALL), Y, cv=3)

@model
def calibrated_isotonic_forest():
    return calibrated(RandomForestClassifier(**SMALL), Y, cv=3, method="isotonic")

@model
def calibrated_isotonic_linear():
    return calibrated(LogisticRegression(), Y, cv=2, method="isotonic")

@model
def calibrated_sigmoid_linear_svm():
    return calibrated(LinearSVC(), Y, cv=2)

@model
def calibrated_one_fold():
    return calibrated(LogisticRegression(), Y, cv=3, ensemble=False)

@model
def calibrated_three_one_fold():
    return calibrated(LogisticRegression(), Y3, cv=3, ensemble=False)

@model
def calibrated_three():
    return calibrated(RandomForestClassifier(**SMALL), Y3, cv=2)

@model
def voting_soft():
    return skl(VotingClassifier([("a", LogisticRegression()), ("b", RandomForestClassifier(**SMALL)),
                                 ("c", GradientBoostingClassifier(**SMALL))], voting="soft", weights=np.array([1, 2, 1]), flatten_transform=False).fit(X, Y), separate=False)

@model
def voting_forests_three():
    return skl(VotingClassifier([("a", RandomForestClassifier(**SMALL)), ("b", ExtraTreesClassifier(**SMALL))], voting="soft", flatten_transform=False).fit(X, Y3), separate=False)

@model
def voting_hard():
    return skl(VotingClassifier([("a", LogisticRegression()), ("b", RandomForestClassifier(**SMALL))], voting="hard", flatten_transform=False).fit(X, Y), separate=False)

@model
def voting_regressor():
    return skl(VotingRegressor([("a", LinearRegression()), ("b", RandomForestRegressor(**SMALL))]).fit(X, VALUE), separate=False)

@model
def stacking():
    return skl(StackingClassifier([("a", LogisticRegression()), ("b", RandomForestClassifier(**SMALL))]).fit(X, Y), separate=False)

@model
def perceptron_hidden():
    return skl(make_pipeline(StandardScaler(), MLPClassifier((4,), max_iter=50, random_state=1)).fit(X, Y))

@model
def perceptron_hidden_tanh():
    return skl(make_pipeline(StandardScaler(), MLPClassifier((4,), max_iter=50, activation="tanh", random_state=1)).fit(X, Y))

@model
def perceptron_none():
    return skl(make_pipeline(StandardScaler(), MLPClassifier((), max_iter=50, random_state=1)).fit(X, Y))

@model
def support_vectors():
    return skl(make_pipeline(StandardScaler(), SVC(probability=True)).fit(X, Y))

@model
def neighbours():
    return skl(KNeighborsClassifier(3).fit(X, Y), separate=False)

@model
def bayes():
    return skl(GaussianNB().fit(X, Y), separate=False)

@model
def discriminant():
    return skl(LinearDiscriminantAnalysis().fit(X, Y), separate=False)

@model
def linear_svm():
    return skl(LinearSVC().fit(X, Y), separate=False, options={})

@model
def sgd_log():
    return skl(make_pipeline(StandardScaler(), SGDClassifier(loss="log_loss", random_state=1)).fit(X, Y))

@model
def ridge():
    return skl(make_pipeline(PolynomialFeatures(2, include_bias=False), StandardScaler(), Ridge()).fit(X, VALUE), separate=False)

@model
def interactions():
    return skl(make_pipeline(PolynomialFeatures(2, interaction_only=True), LogisticRegression()).fit(X, Y), separate=False)

@model
def bins_onehot():
    return skl(make_pipeline(KBinsDiscretizer(3, encode="onehot-dense"), LogisticRegression()).fit(X, Y), separate=False)

@model
def bins_ordinal():
    return skl(make_pipeline(KBinsDiscretizer(4, encode="ordinal"), LogisticRegression()).fit(X, Y), separate=False)

@model
def binarised():
    return skl(make_pipeline(Binarizer(threshold=2.5), LogisticRegression()).fit(X, Y))

@model
def robust_power():
    return skl(make_pipeline(RobustScaler(), PowerTransformer(), LogisticRegression()).fit(X, Y))

@model
def max_abs_quantile():
    return skl(make_pipeline(MaxAbsScaler(), LogisticRegression()).fit(X, Y))

@model
def row_normaliser():
    return skl(make_pipeline(Normalizer(), LogisticRegression()).fit(X, Y))

@model
def components():
    from sklearn.decomposition import PCA
    return skl(make_pipeline(StandardScaler(), PCA(3), LogisticRegression()).fit(X, Y))

@model
def components_forest():
    from sklearn.decomposition import PCA
    return skl(make_pipeline(StandardScaler(), PCA(2), RandomForestClassifier(**SMALL)).fit(X, Y))

@model
def selected():
    from sklearn.feature_selection import SelectKBest
    return skl(make_pipeline(StandardScaler(), SelectKBest(k=2), LogisticRegression()).fit(X, Y))

@model
def tree_class():
    return skl(DecisionTreeClassifier(max_depth=3, random_state=1).fit(X, Y), separate=False)

@model
def tree_names():
    names = np.array(["well", "ill", "grave"])[Y3]
    return skl(DecisionTreeClassifier(max_depth=3, random_state=1).fit(X, names), separate=False, options={})

@model
def poisson():
    return skl(PoissonRegressor(alpha=.1).fit(X / 10, np.abs(VALUE)), separate=False), X / 10

# --- boosters ---------------------------------------------------------------------------------

def boosted(fitted, convert, width=5):
    from onnxmltools.convert.common.data_types import FloatTensorType
    return convert(fitted, initial_types=[("X", FloatTensorType([None, width]))])

def frame(table):
    return table.to_numpy().astype(np.float32)

@model
def xgboost_binary():
    from xgboost import XGBClassifier
    from onnxmltools import convert_xgboost
    g = GAPS[NUMBERS]
    return boosted(XGBClassifier(n_estimators=4, max_depth=2).fit(frame(g), Y), convert_xgboost), g

@model
def xgboost_three():
    from xgboost import XGBClassifier
    from onnxmltools import convert_xgboost
    return boosted(XGBClassifier(n_estimators=3, max_depth=2).fit(frame(X), Y3), convert_xgboost)

@model
def xgboost_regressor():
    from xgboost import XGBRegressor
    from onnxmltools import convert_xgboost
    return boosted(XGBRegressor(n_estimators=3, max_depth=2).fit(frame(X), VALUE), convert_xgboost)

@model
def xgboost_poisson():
    from xgboost import XGBRegressor
    from onnxmltools import convert_xgboost
    return boosted(XGBRegressor(n_estimators=3, max_depth=2, objective="count:poisson").fit(frame(X), np.abs(VALUE)), convert_xgboost)

@model
def xgboost_forest():
    from xgboost import XGBRFClassifier
    from onnxmltools import convert_xgboost
    return boosted(XGBRFClassifier(n_estimators=4, max_depth=2).fit(frame(X), Y), convert_xgboost)

@model
def lightgbm_binary():
    from lightgbm import LGBMClassifier
    from onnxmltools import convert_lightgbm
    g = GAPS[NUMBERS]
    return boosted(LGBMClassifier(n_estimators=4, num_leaves=4, verbose=-1).fit(frame(g), Y), convert_lightgbm), g

@model
def lightgbm_three():
    from lightgbm import LGBMClassifier
    from onnxmltools import convert_lightgbm
    return boosted(LGBMClassifier(n_estimators=3, num_leaves=4, verbose=-1).fit(frame(X), Y3), convert_lightgbm)

@model
def lightgbm_regressor():
    from lightgbm import LGBMRegressor
    from onnxmltools import convert_lightgbm
    return boosted(LGBMRegressor(n_estimators=3, num_leaves=4, verbose=-1).fit(frame(X), VALUE), convert_lightgbm)

@model
def lightgbm_forest():
    from lightgbm import LGBMClassifier
    from onnxmltools import convert_lightgbm
    return boosted(LGBMClassifier(boosting_type="rf", bagging_freq=1, bagging_fraction=.7, n_estimators=3, num_leaves=4, verbose=-1).fit(frame(X), Y), convert_lightgbm)

@model
def lightgbm_gamma():
    from lightgbm import LGBMRegressor
    from onnxmltools import convert_lightgbm
    return boosted(LGBMRegressor(objective="gamma", n_estimators=3, num_leaves=4, verbose=-1).fit(frame(X), np.abs(VALUE) + .1), convert_lightgbm)

def cat(fitted):
    import tempfile
    with tempfile.NamedTemporaryFile(suffix=".onnx") as f:
        fitted.save_model(f.name, format="onnx")
        return onnx.load(f.name)

@model
def catboost_binary():
    from catboost import CatBoostClassifier
    return cat(CatBoostClassifier(iterations=4, depth=2, verbose=0).fit(frame(X), Y))

@model
def catboost_three():
    from catboost import CatBoostClassifier
    return cat(CatBoostClassifier(iterations=3, depth=2, verbose=0).fit(frame(X), Y3))

@model
def catboost_regressor():
    from catboost import CatBoostRegressor
    return cat(CatBoostRegressor(iterations=3, depth=2, verbose=0).fit(frame(X), VALUE))

@model
def pipeline_lightgbm():
    from lightgbm import LGBMClassifier
    from skl2onnx import update_registered_converter
    from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes as shapes
    from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
    update_registered_converter(LGBMClassifier, "LgbmC", shapes, convert_lightgbm, options={"nocl": [True, False], "zipmap": [True, False]})
    return skl(make_pipeline(StandardScaler(), LGBMClassifier(n_estimators=4, num_leaves=4, verbose=-1)).fit(X, Y), target_opset={"": 15, "ai.onnx.ml": 3})


def main():
    for name, made in MODELS.items():
        if len(sys.argv) > 1 and name not in sys.argv[1:]:
            continue
        try:
            onx = made()
        except Exception as error:
            print(name, "NOT MADE", type(error).__name__, str(error)[:200])
            continue
        onx, rows = onx if isinstance(onx, tuple) else (onx, X)
        name = name.strip("_").replace("_", "-")
        (HERE / f"{name}.onnx").write_bytes(onx.SerializeToString())
        rows = rows.iloc[:40 if rows.isna().any().any() else 16]
        try:
            found = answers(onx, rows)
        except Exception as error:
            print(name, "NOT RUN", str(error)[:300])
            continue
        table = pd.concat([rows.reset_index(drop=True), pd.DataFrame(found)], axis=1)
        table.to_csv(HERE / f"{name}.csv", index=False, float_format="%.8g")


if __name__ == "__main__":
    main()

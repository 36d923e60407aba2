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


# --- graphs by hand ---------------------------------------------------------------------------

ONE = [("y", T.FLOAT, None)]


def behind(nodes, inputs, fitted, width):
    """A fitted model whose input `X` is computed by nodes before it."""
    onx = skl(fitted, names=["x"] * width, separate=False)
    g = onx.graph
    del g.input[:]
    g.input.extend(h.make_tensor_value_info(*one) for one in inputs)
    rest = list(g.node)
    del g.node[:]
    g.node.extend([*nodes, *rest])
    for one in onx.opset_import:
        one.version = 3 if one.domain else 19
    return onx


def constant_node(name, value):
    return n("Constant", [], [name], value=numpy_helper.from_array(np.asarray(value)))


BMI = D.weight / D.height**2
F = np.float32


@model
def bmi_trees():
    fitted = GradientBoostingClassifier(**SMALL).fit(np.stack([D.age, BMI], 1).astype(F), Y)
    nodes = [n("Mul", ["height", "height"], ["square"]), n("Div", ["weight", "square"], ["bmi"]),
             n("Concat", ["age", "bmi"], ["X"], axis=1)]
    return behind(nodes, columns("age", "weight", "height"), fitted, 2), D[["age", "weight", "height"]]

@model
def log_ratio_linear():
    x = np.log(D.crp / D.age)
    fitted = LogisticRegression().fit(np.stack([D.age, x], 1).astype(F), Y)
    nodes = [n("Div", ["crp", "age"], ["ratio"]), n("Log", ["ratio"], ["log"]),
             n("Concat", ["age", "log"], ["X"], axis=1)]
    return behind(nodes, columns("age", "crp"), fitted, 2), D[["age", "crp"]]

@model
def powers_of_two_columns():
    x = D.crp**-1.2 * .993**D.age
    fitted = LinearRegression().fit(np.stack([D.age, x], 1).astype(F), VALUE)
    nodes = [constant_node("p", F(-1.2)), constant_node("b", F(.993)), n("Pow", ["crp", "p"], ["c"]),
             n("Pow", ["b", "age"], ["a"]), n("Mul", ["c", "a"], ["gfr"]), n("Concat", ["age", "gfr"], ["X"], axis=1)]
    return behind(nodes, columns("age", "crp"), fitted, 2), D[["age", "crp"]]

@model
def powers_of_two_columns_trees():
    x = np.minimum(D.crp, 5)**-1.2 * .993**D.age
    fitted = RandomForestRegressor(**SMALL).fit(np.stack([D.age, x], 1).astype(F), VALUE)
    nodes = [constant_node("p", F(-1.2)), constant_node("b", F(.993)), constant_node("m", F(5)), n("Min", ["crp", "m"], ["low"]),
             n("Pow", ["low", "p"], ["c"]), n("Pow", ["b", "age"], ["a"]), n("Mul", ["c", "a"], ["gfr"]),
             n("Concat", ["age", "gfr"], ["X"], axis=1)]
    return behind(nodes, columns("age", "crp"), fitted, 2), D[["age", "crp"]]

@model
def gaps_filled_before_ratio():
    fitted = RandomForestClassifier(**SMALL).fit(np.stack([D.age, BMI], 1).astype(F), Y)
    nodes = [constant_node("w", F(80)), n("IsNaN", ["weight"], ["gap"]), n("Where", ["gap", "w", "weight"], ["filled"]),
             n("Mul", ["height", "height"], ["square"]), n("Div", ["filled", "square"], ["bmi"]),
             n("Concat", ["age", "bmi"], ["X"], axis=1)]
    return behind(nodes, columns("age", "weight", "height"), fitted, 2), D[["age", "weight", "height"]]

def front(nodes, of=("age", "crp")):
    """A linear model over `age` and what the nodes make of a column."""
    fitted = LogisticRegression().fit(np.stack([D.age, D.crp], 1).astype(F), Y)
    return behind([*nodes, n("Concat", ["age", "x"], ["X"], axis=1)], columns(*of), fitted, 2), D[list(of)]

def front_gaps(nodes):
    onx, _ = front(nodes)
    return onx, GAPS[["age", "crp"]].fillna({"age": 60})

@model
def where_gap():
    return front_gaps([constant_node("m", F(4)), n("IsNaN", ["crp"], ["gap"]), n("Where", ["gap", "m", "crp"], ["x"])])

@model
def where_code():
    onx, rows = front([constant_node("code", F(-1)), constant_node("m", F(4)), n("Equal", ["crp", "code"], ["is"]),
                       n("Where", ["is", "m", "crp"], ["x"])])
    rows = rows.copy(); rows.loc[::3, "crp"] = -1
    return onx, rows

@model
def imputer_code():
    onx, rows = front([ml("Imputer", ["crp"], ["x"], imputed_value_floats=[4.], replaced_value_float=-9.)])
    rows = rows.copy(); rows.loc[::3, "crp"] = -9
    return onx, rows

@model
def where_gap_flag():
    return front_gaps([constant_node("m", F(4)), constant_node("z", F(3)), n("IsNaN", ["crp"], ["gap"]),
                       n("Cast", ["gap"], ["flag"], to=T.FLOAT), n("Mul", ["flag", "z"], ["up"]),
                       n("Where", ["gap", "m", "crp"], ["filled"]), n("Add", ["filled", "up"], ["x"])])

@model
def log_of_one_more():
    return front([constant_node("one", F(1)), n("Add", ["crp", "one"], ["more"]), n("Log", ["more"], ["x"])])

@model
def clipped_root():
    return front([constant_node("lo", F(1)), constant_node("hi", F(9)), n("Clip", ["crp", "lo", "hi"], ["c"]), n("Sqrt", ["c"], ["x"])])

@model
def clipped_below():
    return front([constant_node("lo", F(3)), n("Clip", ["crp", "lo"], ["c"]), n("Relu", ["c"], ["r"]), n("Neg", ["r"], ["m"]), n("Abs", ["m"], ["x"])])

@model
def squashed():
    return front([constant_node("h", F(.2)), n("Mul", ["crp", "h"], ["c"]), n("Tanh", ["c"], ["t"]), n("Sigmoid", ["t"], ["s"]), n("Exp", ["s"], ["x"])])

@model
def truncated_to_whole():
    return front([n("Cast", ["crp"], ["whole"], to=T.INT64), n("Cast", ["whole"], ["x"], to=T.FLOAT)])

@model
def floors_and_signs():
    return front([constant_node("f", F(5)), n("Sub", ["crp", "f"], ["d"]), n("Sign", ["d"], ["s"]), n("Floor", ["crp"], ["fl"]),
                  n("Ceil", ["crp"], ["ce"]), n("Add", ["fl", "ce"], ["fc"]), n("Mul", ["fc", "s"], ["x"])])

@model
def limits_by_steps():
    return front([constant_node("a", F(3)), constant_node("b", F(10)), n("Less", ["crp", "a"], ["l"]), n("GreaterOrEqual", ["crp", "b"], ["g"]),
                  n("Or", ["l", "g"], ["either"]), n("Not", ["either"], ["neither"]), n("Cast", ["neither"], ["x"], to=T.FLOAT)])

@model
def flags_of_two_columns():
    nodes = [constant_node("a", F(60)), constant_node("b", F(5)), n("Greater", ["age", "a"], ["old"]), n("LessOrEqual", ["crp", "b"], ["low"]),
             n("And", ["old", "low"], ["both"]), n("Xor", ["old", "low"], ["one"]), n("Cast", ["both"], ["bf"], to=T.FLOAT),
             n("Cast", ["one"], ["of"], to=T.FLOAT), n("Add", ["bf", "of"], ["x"])]
    return front(nodes)

@model
def where_of_two_columns():
    nodes = [constant_node("a", F(60)), constant_node("b", F(0)), n("Greater", ["age", "a"], ["old"]), n("Where", ["old", "crp", "b"], ["x"])]
    return front(nodes)

@model
def digits_onehot():
    fitted = LogisticRegression().fit(np.stack([D.age, *[D.stage == s for s in (1, 2, 3, 4)]], 1).astype(F), Y)
    nodes = [n("Cast", ["stage"], ["whole"], to=T.INT64), n("Cast", ["whole"], ["text"], to=T.STRING),
             ml("OneHotEncoder", ["text"], ["hot"], cats_strings=["1", "2", "3", "4"], zeros=1), constant_node("shape", [-1, 4]),
             n("Reshape", ["hot", "shape"], ["flat"]), n("Concat", ["age", "flat"], ["X"], axis=1)]
    return behind(nodes, columns("age", "stage"), fitted, 5), D[["age", "stage"]]

@model
def label_encoder_floats():
    return front_gaps([ml("LabelEncoder", ["crp"], ["x"], keys_floats=[np.nan, 4.4, 7.3], values_floats=[9., 1., 2.], default_float=5.)])

@model
def label_encoder_texts():
    nodes = [ml("LabelEncoder", ["smoking"], ["group"], keys_strings=["never", "former"], values_strings=["no", "no"], default_string="yes"),
             ml("LabelEncoder", ["group"], ["x"], keys_strings=["no", "yes"], values_floats=[0., 7.], default_float=0.)]
    return front(nodes, ("age", "smoking"))

@model
def category_mapper():
    nodes = [ml("CategoryMapper", ["smoking"], ["whole"], cats_strings=["never", "former", "current"], cats_int64s=[0, 1, 5], default_int64=-1),
             n("Cast", ["whole"], ["x"], to=T.FLOAT)]
    return front(nodes, ("age", "smoking"))

@model
def equal_text():
    nodes = [constant_node("c", np.array(["current"], dtype=object)), n("Equal", ["smoking", "c"], ["is"]), n("Cast", ["is"], ["x"], to=T.FLOAT)]
    return front(nodes, ("age", "smoking"))

@model
def spelling_normalised():
    nodes = [ml("LabelEncoder", ["smoking"], ["x"], keys_strings=["never"], values_floats=[0.], default_float=1.),
             n("StringNormalizer", ["smoking"], ["lower"], case_change_action="LOWER")]
    return front(nodes, ("age", "smoking"))

@model
def columns_moved_about():
    nodes = [n("Concat", ["age", "crp", "stage"], ["all"], axis=1), constant_node("i", [2, 0, 1]), n("Gather", ["all", "i"], ["g"], axis=1),
             n("Split", ["g"], ["s", "a", "c"], axis=1, num_outputs=3), constant_node("one", [1]), n("Squeeze", ["a", "one"], ["flat"]),
             n("Unsqueeze", ["flat", "one"], ["back"]), n("Transpose", ["c"], ["t"], perm=[1, 0]), constant_node("sh", [-1, 1]),
             n("Reshape", ["t", "sh"], ["r"]), n("Concat", ["back", "r"], ["two"], axis=1), constant_node("st", [1]), constant_node("en", [9]),
             n("Slice", ["two", "st", "en", "one"], ["sl"]), n("Flatten", ["sl"], ["f"]), n("Mul", ["f", "s"], ["x"])]
    return front(nodes, ("age", "crp", "stage"))

def layer(nodes, constants, outputs=ONE, of=("age", "crp"), **kwargs):
    return graph([n("Concat", list(of), ["x"], axis=1), *nodes], columns(*of), outputs, constants, **kwargs), D[list(of)]

W, B = np.array([[.04, .1]], F), np.array([-3.], F)

@model
def torch_logistic():
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Sigmoid", ["z"], ["y"])], [("w", W), ("b", B)])

@model
def torch_linear():
    return layer([n("Gemm", ["x", "w", "b"], ["y"], transB=1, alpha=2., beta=.5)], [("w", W), ("b", B)])

W3, B3 = np.array([[.04, .1], [-.02, .05], [.01, -.2]], F), np.array([-3., .5, 1.], F)

@model
def tensorflow_softmax():
    return layer([n("MatMul", ["x", "w"], ["m"]), n("Add", ["m", "b"], ["z"]), n("Softmax", ["z"], ["y"], axis=-1)], [("w", W3.T.copy()), ("b", B3)])

@model
def softmax_of_two():
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Softmax", ["z"], ["y"])], [("w", W3[:2]), ("b", B3[:2])])

@model
def softmax_by_hand():
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Exp", ["z"], ["e"]), constant_node("ax", [1]),
                  n("ReduceSum", ["e", "ax"], ["s"]), n("Div", ["e", "s"], ["y"])], [("w", W3), ("b", B3)])

@model
def scores_without_softmax():
    return layer([n("Gemm", ["x", "w", "b"], ["y"], transB=1)], [("w", W3), ("b", B3)])

@model
def complementary_log_log():
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Exp", ["z"], ["e"]), n("Neg", ["e"], ["m"]), n("Exp", ["m"], ["s"]),
                  n("Sub", ["one", "s"], ["y"])], [("w", W), ("b", B), ("one", F(1))])

@model
def probit_by_erf():
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Mul", ["z", "r"], ["zr"]), n("Erf", ["zr"], ["e"]), n("Add", ["e", "one"], ["e1"]),
                  n("Mul", ["e1", "half"], ["y"])], [("w", W), ("b", B), ("one", F(1)), ("half", F(.5)), ("r", F(.5**.5))])

@model
def value_not_below_zero():
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Clip", ["z", "lo", "hi"], ["y"])], [("w", W), ("b", B), ("lo", F(0)), ("hi", F(3))])

@model
def hidden_layer():
    return layer([n("Gemm", ["x", "w", "b"], ["h"], transB=1), n("Sigmoid", ["h"], ["s"]), n("Gemm", ["s", "v"], ["y"], transB=1)],
                 [("w", W3), ("b", B3), ("v", np.array([[1, 2, 3]], F))])

@model
def hidden_layer_large():
    rng = np.random.default_rng(1)
    return layer([n("Gemm", ["x", "w", "b"], ["h"], transB=1), n("LeakyRelu", ["h"], ["s"]), n("Gemm", ["s", "v"], ["y"], transB=1)],
                 [("w", rng.normal(size=(40, 2)).astype(F)), ("b", np.zeros(40, F)), ("v", np.ones((1, 40), F))])

LABEL = [("label", T.INT64, None), ("probabilities", T.FLOAT, None)]

def decided(limit, op="Greater"):
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Sigmoid", ["z"], ["p"]), n("Sub", ["one", "p"], ["q"]),
                  n("Concat", ["q", "p"], ["probabilities"], axis=1), n(op, ["p", "t"], ["is"]), n("Cast", ["is"], ["label"], to=T.INT64)],
                 [("w", W), ("b", B), ("one", F(1)), ("t", F(limit))], LABEL)

@model
def threshold_half():
    return decided(.5)

@model
def threshold_third():
    return decided(.33)

@model
def threshold_of_scores():
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Sigmoid", ["z"], ["p"]), n("Less", ["z", "t"], ["is"]), n("Not", ["is"], ["not"]),
                  n("Where", ["not", "yes", "no"], ["label"]), n("Sub", ["one", "p"], ["q"]), n("Concat", ["q", "p"], ["probabilities"], axis=1)],
                 [("w", W), ("b", B), ("one", F(1)), ("t", F(0)), ("yes", np.array([1])), ("no", np.array([0]))], LABEL)

@model
def recalibrated_power():
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Sigmoid", ["z"], ["p"]), n("Pow", ["p", "t"], ["y"])], [("w", W), ("b", B), ("t", F(1.5))])

@model
def recalibrated_line():
    return layer([n("Gemm", ["x", "w", "b"], ["z"], transB=1), n("Sigmoid", ["z"], ["p"]), n("Mul", ["p", "f"], ["q"]), n("Add", ["q", "a"], ["y"])],
                 [("w", W), ("b", B), ("f", F(.8)), ("a", F(.05))])

def forest_lists(**other):
    lists = dict(nodes_treeids=[0, 0, 0, 1, 1, 1], nodes_nodeids=[0, 1, 2, 0, 1, 2], nodes_featureids=[0, 0, 0, 1, 0, 0],
                 nodes_modes=["BRANCH_LT", "LEAF", "LEAF", "BRANCH_GTE", "LEAF", "LEAF"], nodes_values=[60., 0, 0, 5., 0, 0],
                 nodes_truenodeids=[1, 0, 0, 1, 0, 0], nodes_falsenodeids=[2, 0, 0, 2, 0, 0], nodes_missing_value_tracks_true=[0, 0, 0, 1, 0, 0],
                 target_treeids=[0, 0, 1, 1], target_nodeids=[1, 2, 1, 2], target_ids=[0] * 4, target_weights=[1.5, -2., .25, 3.], n_targets=1)
    lists.update(other)
    return layer([ml("TreeEnsembleRegressor", ["x"], ["y"], **lists)], [])

@model
def trees_averaged():
    return forest_lists(aggregate_function="AVERAGE", base_values=[.5])

@model
def trees_greatest():
    return forest_lists(aggregate_function="MAX")

@model
def trees_logistic():
    return forest_lists(post_transform="LOGISTIC")

@model
def trees_probit():
    return forest_lists(post_transform="PROBIT")

@model
def trees_double():
    as_tensor = lambda name, values: h.make_tensor(name, T.DOUBLE, [len(values)], values)
    node = ml("TreeEnsembleRegressor", ["x"], ["y"], nodes_treeids=[0] * 3, nodes_nodeids=[0, 1, 2], nodes_featureids=[0, 0, 0],
              nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_values_as_tensor=as_tensor("v", [60.1, 0, 0]), nodes_truenodeids=[1, 0, 0],
              nodes_falsenodeids=[2, 0, 0], target_treeids=[0, 0], target_nodeids=[1, 2], target_ids=[0, 0],
              target_weights_as_tensor=as_tensor("w", [.1, .7]), n_targets=1)
    g = graph([node], [("x", T.DOUBLE, [None, 2])], ONE)
    rows = D[["age", "crp"]].copy(); rows.loc[::2, "age"] = 60.1
    return g, rows

@model
def trees_of_version_5():
    t = lambda name, kind, values: h.make_tensor(name, kind, [len(values)], values)
    node = ml("TreeEnsemble", ["x"], ["y"], n_targets=1, aggregate_function=1, post_transform=0, tree_roots=[0, 2],
              nodes_featureids=[0, 1, 1], nodes_splits=t("s", T.FLOAT, [60, 5, 0]), nodes_modes=t("m", T.UINT8, [0, 3, 0]),
              nodes_truenodeids=[1, 0, 3], nodes_trueleafs=[0, 1, 1], nodes_falsenodeids=[2, 1, 3], nodes_falseleafs=[1, 1, 1],
              leaf_targetids=[0, 0, 0, 0], leaf_weights=t("w", T.FLOAT, [.5, -.25, 1.5, .125]))
    return layer([node], [], ml=5)

@model
def two_targets():
    return layer([ml("LinearRegressor", ["x"], ["y"], coefficients=[1., 2, 3, 4], intercepts=[0., 1], targets=2)], [])

@model
def whole_number_inputs():
    g = graph([n("Concat", ["age", "stage"], ["w"], axis=1), n("Cast", ["w"], ["x"], to=T.FLOAT), n("Gemm", ["x", "k", "b"], ["z"], transB=1), n("Sigmoid", ["z"], ["y"])],
              [("age", T.INT64, [None, 1]), ("stage", T.INT64, [None, 1])], ONE, [("k", W), ("b", B)])
    return g, D[["age", "stage"]].astype(int)

@model
def one_list_a_column():
    g = graph([constant_node("ax", [1]), n("Unsqueeze", ["age", "ax"], ["a"]), n("Unsqueeze", ["crp", "ax"], ["c"]), n("Concat", ["a", "c"], ["x"], axis=1),
               n("Gemm", ["x", "k", "b"], ["z"], transB=1), n("Sigmoid", ["z"], ["y"])],
              [("age", T.FLOAT, [None]), ("crp", T.FLOAT, [None])], ONE, [("k", W), ("b", B)])
    return g, D[["age", "crp"]]

@model
def labels_of_whole_numbers():
    g, rows = layer([ml("LinearClassifier", ["x"], ["i", "probabilities"], coefficients=[-.04, -.1, .04, .1], intercepts=[3., -3.], classlabels_ints=[0, 1], post_transform="LOGISTIC"),
                     n("ArrayFeatureExtractor", ["names", "i"], ["picked"], domain="ai.onnx.ml"), n("Reshape", ["picked", "sh"], ["label"])],
                    [("names", np.array([1, 2], np.int32)), ("sh", np.array([-1]))], [("label", T.INT32, None), LABEL[1]])
    return g, rows

@model
def recurrent():
    return layer([n("BatchNormalization", ["x", "o", "z", "z", "o"], ["y"])], [("o", np.ones(2, F)), ("z", np.zeros(2, F))])


# --- more of libraries ------------------------------------------------------------------------

@model
def texts_filled_and_encoded():
    texts = make_pipeline(SimpleImputer(strategy="most_frequent", missing_values=""), OneHotEncoder(drop="if_binary"))
    g = D.copy(); g.loc[::9, "smoking"] = ""
    prepare = ColumnTransformer([("t", texts, ["smoking", "sex"]), ("n", StandardScaler(), NUMBERS)])
    fitted = make_pipeline(prepare, RandomForestClassifier(**SMALL)).fit(g, Y)
    return skl(fitted, names=[*NUMBERS, "smoking", "sex"]), g

@model
def hist_categories():
    x = np.stack([D.age, D.stage - 1], 1)
    return skl(HistGradientBoostingClassifier(max_iter=4, max_depth=3, categorical_features=[1]).fit(x, Y), names=["age", "stage"], separate=False), D[["age", "stage"]]

@model
def columns_of_probabilities():
    fitted = LogisticRegression().fit(X, Y)
    return skl(fitted, separate=False, options={id(fitted): {"zipmap": "columns"}})

@model
def columns_of_probabilities_three():
    fitted = RandomForestClassifier(**SMALL).fit(X, Y3)
    return skl(fitted, separate=False, options={id(fitted): {"zipmap": "columns"}})

@model
def raw_scores():
    fitted = LogisticRegression().fit(X, Y)
    return skl(fitted, separate=False, options={id(fitted): {"zipmap": False, "raw_scores": True}})

@model
def raw_scores_boosting():
    fitted = GradientBoostingClassifier(**SMALL).fit(X, Y)
    return skl(fitted, separate=False, options={id(fitted): {"zipmap": False, "raw_scores": True}})

@model
def decision_path():
    fitted = RandomForestClassifier(**SMALL).fit(X, Y)
    return skl(fitted, separate=False, options={id(fitted): {"zipmap": False, "decision_path": True}})

@model
def text_labels_three():
    names = np.array(["well", "ill", "grave"])[Y3]
    return skl(make_pipeline(StandardScaler(), LogisticRegressionCV(cv=2)).fit(X, names), options={})

@model
def clipped_scaler():
    return skl(make_pipeline(MinMaxScaler(clip=True), LogisticRegression()).fit(X.iloc[:50], Y[:50]))

@model
def calibrated_pipeline():
    return calibrated(make_pipeline(StandardScaler(), RandomForestClassifier(**SMALL)), Y, cv=2)

@model
def ridge_classifier():
    return skl(RidgeClassifier().fit(X, Y), separate=False, options={})

@model
def huber_sgd():
    return skl(make_pipeline(StandardScaler(), SGDClassifier(loss="modified_huber", random_state=1)).fit(X, Y))

@model
def bagging_regressor():
    return skl(BaggingRegressor(DecisionTreeRegressor(max_depth=2), n_estimators=3, random_state=1).fit(X, VALUE), separate=False)

@model
def stacking_regressor():
    return skl(StackingRegressor([("a", Ridge()), ("b", RandomForestRegressor(**SMALL))], final_estimator=Ridge()).fit(X, VALUE), separate=False)

@model
def ada_boost_three():
    return skl(AdaBoostClassifier(n_estimators=3, random_state=1).fit(X, Y3), separate=False)

@model
def ada_boost_regressor():
    return skl(AdaBoostRegressor(n_estimators=3, random_state=1).fit(X, VALUE), separate=False)

@model
def gamma_tweedie():
    return skl(TweedieRegressor(power=1.5, alpha=.1, max_iter=500).fit(X / 10, np.abs(VALUE) + .1), separate=False), X / 10

@model
def isolation():
    return skl(IsolationForest(n_estimators=3, random_state=1).fit(X), separate=False, target_opset={"": 15, "ai.onnx.ml": 3}, options={})

@model
def one_vs_one():
    from sklearn.multiclass import OneVsOneClassifier
    return skl(OneVsOneClassifier(LogisticRegression()).fit(X, Y3), separate=False, options={})

@model
def grid_search():
    from sklearn.model_selection import GridSearchCV
    return skl(GridSearchCV(make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": [.1, 1]}, cv=2).fit(X, Y))

@model
def voting_three_mixed():
    return skl(VotingClassifier([("a", LogisticRegression()), ("b", RandomForestClassifier(**SMALL))], voting="soft", flatten_transform=False).fit(X, Y3), separate=False)

@model
def whole_number_forest():
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import Int64TensorType
    x = D[["age", "stage"]].astype(int)
    fitted = RandomForestClassifier(**SMALL).fit(x, Y)
    return to_onnx(fitted, initial_types=[("X", Int64TensorType([None, 2]))], options={id(fitted): {"zipmap": False}}), x

@model
def double_scaled_linear():
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import DoubleTensorType
    fitted = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
    return to_onnx(fitted, initial_types=[("X", DoubleTensorType([None, 5]))], options={id(fitted): {"zipmap": False}})

def xgb_objective(objective, y):
    from xgboost import XGBRegressor
    from onnxmltools import convert_xgboost
    return boosted(XGBRegressor(n_estimators=3, max_depth=2, objective=objective).fit(frame(X), y), convert_xgboost)

@model
def xgboost_gamma():
    return xgb_objective("reg:gamma", np.abs(VALUE) + .1)

@model
def xgboost_tweedie():
    return xgb_objective("reg:tweedie", np.abs(VALUE) + .1)

@model
def xgboost_reg_logistic():
    return xgb_objective("reg:logistic", Y)

@model
def xgboost_squared_log():
    return xgb_objective("reg:squaredlogerror", np.abs(VALUE))

@model
def xgboost_imbalanced():
    from xgboost import XGBClassifier
    from onnxmltools import convert_xgboost
    return boosted(XGBClassifier(n_estimators=3, max_depth=2, base_score=.1, scale_pos_weight=5).fit(frame(X), Y), convert_xgboost)

@model
def lightgbm_categories():
    from lightgbm import LGBMClassifier
    from onnxmltools import convert_lightgbm
    x = np.stack([D.age, D.stage], 1).astype(F)
    return boosted(LGBMClassifier(n_estimators=3, num_leaves=4, verbose=-1, min_data_per_group=1, cat_smooth=0).fit(x, Y, categorical_feature=[1]), convert_lightgbm, 2), D[["age", "stage"]]

@model
def lightgbm_poisson():
    from lightgbm import LGBMRegressor
    from onnxmltools import convert_lightgbm
    return boosted(LGBMRegressor(objective="poisson", n_estimators=3, num_leaves=4, verbose=-1).fit(frame(X), np.abs(VALUE)), convert_lightgbm)

@model
def lightgbm_one_vs_all():
    from lightgbm import LGBMClassifier
    from onnxmltools import convert_lightgbm
    return boosted(LGBMClassifier(objective="multiclassova", n_estimators=3, num_leaves=4, verbose=-1).fit(frame(X), Y3), convert_lightgbm)

@model
def catboost_text_labels():
    from catboost import CatBoostClassifier
    return cat(CatBoostClassifier(iterations=4, depth=2, verbose=0).fit(frame(X), np.array(["no", "yes"])[Y]))

@model
def catboost_gaps():
    from catboost import CatBoostClassifier
    g = GAPS[NUMBERS]
    return cat(CatBoostClassifier(iterations=4, depth=2, verbose=0, nan_mode="Max").fit(frame(g), Y)), g

@model
def catboost_poisson():
    from catboost import CatBoostRegressor
    return cat(CatBoostRegressor(iterations=3, depth=2, verbose=0, loss_function="Poisson").fit(frame(X), np.abs(VALUE)))

@model
def catboost_cross_entropy():
    from catboost import CatBoostClassifier
    return cat(CatBoostClassifier(iterations=3, depth=2, verbose=0, loss_function="CrossEntropy").fit(frame(X), Y))


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

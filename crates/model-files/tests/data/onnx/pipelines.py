# SPDX-License-Identifier: Apache-2.0
"""Pipelines and trees of scikit-learn."""

from common import *  # noqa: F403
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


# SPDX-License-Identifier: Apache-2.0
"""Other models of scikit-learn."""

from common import *  # noqa: F403
from pipelines import *  # noqa: F403


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


@model
def text_gaps_as_category():
    g = D.copy(); g["smoking"] = g.smoking.astype(object); g.loc[::7, "smoking"] = np.nan
    prepare = ColumnTransformer([("t", OneHotEncoder(), ["smoking", "sex"]), ("n", StandardScaler(), NUMBERS)])
    onx = skl(make_pipeline(prepare, LogisticRegression()).fit(g, Y), names=[*NUMBERS, "smoking", "sex"])
    g["smoking"] = g.smoking.fillna("nan")
    return onx, g

@model
def texts_filled_by_constant():
    texts = make_pipeline(SimpleImputer(strategy="constant", fill_value="unknown", missing_values=""), OneHotEncoder(handle_unknown="ignore"))
    g = D.copy(); g.loc[::9, "smoking"] = ""
    prepare = ColumnTransformer([("t", texts, ["smoking", "sex"]), ("n", "passthrough", NUMBERS)])
    return skl(make_pipeline(prepare, LogisticRegression()).fit(g, Y), names=[*NUMBERS, "smoking", "sex"]), g

@model
def targets_encoded():
    prepare = ColumnTransformer([("t", TargetEncoder(random_state=1), ["smoking", "sex"]), ("n", "passthrough", NUMBERS)])
    return skl(make_pipeline(prepare, RandomForestClassifier(**SMALL)).fit(D, Y), names=[*NUMBERS, "smoking", "sex"]), D

@model
def ordinal_with_gaps():
    g = GAPS[["age", "crp", "stage"]].fillna({"age": 60, "crp": 3})
    prepare = ColumnTransformer([("o", OrdinalEncoder(encoded_missing_value=-2, handle_unknown="use_encoded_value", unknown_value=-1), ["stage"]),
                                 ("n", "passthrough", ["age", "crp"])])
    return skl(make_pipeline(prepare, RandomForestClassifier(**SMALL)).fit(g, Y), names=["age", "crp", "stage"]), g

@model
def perceptron_hidden_logistic():
    return skl(make_pipeline(StandardScaler(), MLPClassifier((4,), max_iter=50, activation="logistic", random_state=1)).fit(X, Y3), separate=False)

@model
def perceptron_regressor():
    from sklearn.neural_network import MLPRegressor
    return skl(make_pipeline(StandardScaler(), MLPRegressor(hidden_layer_sizes=(4,), max_iter=50, random_state=1)).fit(X, VALUE), separate=False)

@model
def calibrated_logistic_pipeline_isotonic():
    prepare = ColumnTransformer([("t", OneHotEncoder(), ["smoking", "sex"]), ("n", StandardScaler(), NUMBERS)])
    fitted = make_pipeline(prepare, CalibratedClassifierCV(LogisticRegression(), cv=3, method="isotonic")).fit(D, Y)
    return skl(fitted, names=[*NUMBERS, "smoking", "sex"]), D

@model
def products_after_onehot():
    prepare = ColumnTransformer([("t", OneHotEncoder(sparse_output=False), ["sex"]), ("n", StandardScaler(), ["age", "crp"])])
    fitted = make_pipeline(prepare, PolynomialFeatures(2), LogisticRegression()).fit(D, Y)
    return skl(fitted, names=["age", "crp", "sex"]), D[["age", "crp", "sex"]]

@model
def quantile_regressor():
    return skl(QuantileRegressor(alpha=.01).fit(X, VALUE), separate=False)

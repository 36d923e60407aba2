# SPDX-License-Identifier: Apache-2.0
"""scikit-learn: every class that is read, alone and behind preprocessing."""

import unittest

import numpy as np
from patients import NUMBERS, Exports, patients
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import (
    ElasticNet,
    Lasso,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    PoissonRegressor,
    Ridge,
    SGDClassifier,
)
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
)
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from cso_export import ExportError, export

FRAME, OUTCOME, NUMBER, STAGE = patients()
GAPS, GAP_OUTCOME, GAP_NUMBER, _ = patients(gaps=True)


def table(*parts, rest="drop"):
    """A ColumnTransformer."""
    return ColumnTransformer([(str(i), *part) for i, part in enumerate(parts)], remainder=rest)


def logistic(**options):
    return LogisticRegression(max_iter=2000, **options)


class Linear(Exports):
    def test_logistic_of_two_and_three_classes(self):
        for truth in (OUTCOME, STAGE):
            model = make_pipeline(StandardScaler(), logistic()).fit(FRAME[NUMBERS], truth)
            document = self.export(model, FRAME[NUMBERS])
        self.assertEqual(document["outcome"]["classes"], ["0", "1", "2"])
        self.assertEqual(document["output"], {"share": "softmax"})

    def test_classes_keep_their_names(self):
        model = logistic().fit(FRAME[["age"]], np.where(OUTCOME, "yes", "no"))
        document = self.export(model, FRAME[["age"]])
        self.assertEqual(document["outcome"]["classes"], ["no", "yes"])

    def test_scalers(self):
        for scaler in (StandardScaler(), MinMaxScaler(), RobustScaler(), MaxAbsScaler()):
            for model in (LogisticRegressionCV(Cs=3), SGDClassifier(loss="log_loss")):
                model = make_pipeline(scaler, model).fit(FRAME[NUMBERS], OUTCOME)
                self.export(model, FRAME[NUMBERS])

    def test_regressions(self):
        for model in (
            LinearRegression(),
            Ridge(),
            Lasso(0.01),
            ElasticNet(0.01),
            PoissonRegressor(),
        ):
            model = make_pipeline(StandardScaler(), model).fit(FRAME[NUMBERS], NUMBER.clip(0))
            self.export(model, FRAME[NUMBERS], model.predict(FRAME[NUMBERS]), 1e-4)

    def test_text_categories_and_gaps(self):
        steps = table(
            (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), ["age", "crp"]),
            (OneHotEncoder(drop="first", handle_unknown="ignore"), ["sex", "site"]),
            ("passthrough", ["smoker"]),
        )
        model = make_pipeline(steps, logistic()).fit(GAPS, GAP_OUTCOME)
        document = self.export(model, GAPS)
        kinds = {one["name"]: one["kind"] for one in document["features"]}
        self.assertEqual(kinds["site"], "category")
        self.assertEqual(kinds["smoker"], "flag")
        self.assertNotIn("sbp", kinds)

    def test_ordinal_codes_bins_splines_and_functions(self):
        steps = table(
            (OrdinalEncoder(), ["site"]),
            (KBinsDiscretizer(4, quantile_method="averaged_inverted_cdf"), ["sbp"]),
            (SplineTransformer(n_knots=5, extrapolation="linear"), ["age"]),
            (make_pipeline(FunctionTransformer(np.log1p), StandardScaler()), ["crp"]),
        )
        model = make_pipeline(steps, logistic()).fit(FRAME, OUTCOME)
        document = self.export(model, FRAME)
        kinds = {term["kind"] for term in document["sums"][0]["terms"]}
        self.assertEqual(kinds, {"table", "steps", "curve", "linear"})
        self.assertEqual(document["derived"][0]["expression"], ["ln", ["+", "crp", 1]])

    def test_interactions_with_categories_and_filled_gaps(self):
        steps = table(
            (SimpleImputer(), ["age"]),
            (StandardScaler(), ["sbp"]),
            (OneHotEncoder(), ["sex", "site"]),
        )
        model = make_pipeline(steps, PolynomialFeatures(2, include_bias=False), logistic())
        self.export(model.fit(GAPS, GAP_OUTCOME), GAPS)

    def test_products_that_are_scaled_afterwards(self):
        model = make_pipeline(PolynomialFeatures(2), StandardScaler(), logistic())
        self.export(model.fit(FRAME[NUMBERS], OUTCOME), FRAME[NUMBERS])

    def test_categories_that_are_missing_or_rare(self):
        data = FRAME.assign(site=FRAME.site.where(FRAME.age > 40))
        for encoder in (
            OneHotEncoder(),
            OneHotEncoder(min_frequency=130, handle_unknown="infrequent_if_exist"),
            make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder()),
            OrdinalEncoder(encoded_missing_value=-1),
        ):
            model = make_pipeline(table((encoder, ["sex", "site"])), logistic())
            self.export(model.fit(data, OUTCOME), data)

    def test_one_class_against_the_rest(self):
        model = OneVsRestClassifier(logistic()).fit(FRAME[NUMBERS], STAGE)
        self.assertEqual(
            self.export(model, FRAME[NUMBERS])["output"]["share"], "logistic-proportion"
        )

    def test_codes_for_missing(self):
        data = GAPS[NUMBERS].fillna(-1)
        model = make_pipeline(SimpleImputer(missing_values=-1), logistic()).fit(data, GAP_OUTCOME)
        document = self.export(model, data)
        self.assertEqual(document["features"][0]["missing"], [-1])

    def test_arrays_match_by_place(self):
        data = FRAME[NUMBERS].to_numpy()
        document = self.export(logistic().fit(data, OUTCOME), data)
        self.assertEqual([one["name"] for one in document["features"]], ["x0", "x1", "x2", "x3"])
        document = self.export(logistic().fit(data, OUTCOME), data, features=NUMBERS)
        self.assertEqual([one["name"] for one in document["features"]], NUMBERS)

    def test_true_and_false_columns(self):
        data = FRAME[["age", "smoker"]].astype({"smoker": bool})
        model = logistic().fit(data, OUTCOME)
        self.assertEqual(self.export(model, data)["features"][1]["kind"], "flag")

    def test_outcomes_that_were_transformed(self):
        model = TransformedTargetRegressor(Ridge(), func=np.log1p, inverse_func=np.expm1)
        model.fit(FRAME[NUMBERS], NUMBER.clip(0.1))
        self.export(model, FRAME[NUMBERS], model.predict(FRAME[NUMBERS]), 1e-4)


class Trees(Exports):
    def test_trees_and_forests(self):
        for truth in (OUTCOME, STAGE):
            for model in (
                DecisionTreeClassifier(max_depth=5),
                RandomForestClassifier(30),
                ExtraTreesClassifier(20, bootstrap=True, class_weight="balanced"),
                GradientBoostingClassifier(n_estimators=20),
                HistGradientBoostingClassifier(max_iter=20),
            ):
                self.export(model.fit(FRAME[NUMBERS], truth), FRAME[NUMBERS])

    def test_regressions(self):
        for model in (
            DecisionTreeRegressor(max_depth=5),
            RandomForestRegressor(20),
            GradientBoostingRegressor(n_estimators=20, init="zero"),
            HistGradientBoostingRegressor(max_iter=20, loss="poisson"),
        ):
            model.fit(FRAME[NUMBERS], NUMBER.clip(0))
            self.export(model, FRAME[NUMBERS], model.predict(FRAME[NUMBERS]), 1e-4)

    def test_exponential_loss(self):
        model = GradientBoostingClassifier(loss="exponential", n_estimators=15)
        self.export(model.fit(FRAME[NUMBERS], OUTCOME), FRAME[NUMBERS])

    def test_gaps_take_their_side(self):
        for model in (
            DecisionTreeClassifier(max_depth=6),
            RandomForestClassifier(20),
            HistGradientBoostingClassifier(max_iter=20),
        ):
            self.export(model.fit(GAPS[NUMBERS], GAP_OUTCOME), GAPS[NUMBERS])

    def test_categories_of_histograms(self):
        for data in (GAPS.astype({"sex": "category", "site": "category"}), GAPS[NUMBERS]):
            options = {} if "sex" in data else {"categorical_features": ["smoker"]}
            model = HistGradientBoostingClassifier(max_iter=20, min_samples_leaf=5, **options)
            self.export(model.fit(data, GAP_OUTCOME), data)
        steps = table((OrdinalEncoder(), ["site"]), ("passthrough", ["age"]))
        model = HistGradientBoostingClassifier(max_iter=20, categorical_features=[0])
        self.export(make_pipeline(steps, model).fit(GAPS, GAP_OUTCOME), GAPS)

    def test_trees_behind_preprocessing(self):
        steps = table(
            (make_pipeline(SimpleImputer(), StandardScaler()), ["age"]),
            (FunctionTransformer(np.log), ["crp"]),
            (
                KBinsDiscretizer(5, encode="ordinal", quantile_method="averaged_inverted_cdf"),
                ["sbp"],
            ),
            (OneHotEncoder(), ["sex"]),
            (OrdinalEncoder(), ["site"]),
        )
        for model in (RandomForestClassifier(20), GradientBoostingClassifier(n_estimators=10)):
            data = GAPS.assign(crp=FRAME.crp)
            self.export(make_pipeline(steps, model).fit(data, GAP_OUTCOME), data)

    def test_thresholds_of_scaled_columns_are_exact(self):
        data = FRAME[["age"]]
        model = make_pipeline(StandardScaler(), DecisionTreeClassifier(max_depth=4))
        document = self.export(model.fit(data, OUTCOME), data)
        limits = [n["at_most"] for n in document["sums"][0]["terms"][0]["nodes"] if "at_most" in n]
        near = np.array([f(x) for x in limits for f in (float, lambda x: np.nextafter(x, np.inf))])
        wanted = model.predict_proba(data.iloc[:0].reindex(range(len(near))).assign(age=near))[:, 1]
        from cso_export import evaluate

        np.testing.assert_allclose(evaluate(document, {"age": near}), wanted)


class Mixed(Exports):
    def test_calibrated_classifiers(self):
        model = CalibratedClassifierCV(logistic(), method="temperature", cv=2)
        self.export(model.fit(FRAME[NUMBERS], OUTCOME), FRAME[NUMBERS])
        for method in ("sigmoid", "isotonic"):
            for base in (
                LinearSVC(),
                RandomForestClassifier(10),
                GradientBoostingClassifier(n_estimators=5),
                make_pipeline(StandardScaler(), LinearSVC()),
            ):
                model = CalibratedClassifierCV(base, method=method, cv=3).fit(
                    FRAME[NUMBERS], OUTCOME
                )
                self.assertEqual(len(self.export(model, FRAME[NUMBERS])["sums"]), 3)

    def test_soft_votes(self):
        parts = [
            ("a", make_pipeline(StandardScaler(), logistic())),
            ("b", RandomForestClassifier(10)),
            ("c", HistGradientBoostingClassifier(max_iter=5)),
        ]
        model = VotingClassifier(parts, voting="soft", weights=[1, 2, 3])
        self.export(model.fit(FRAME[NUMBERS], np.where(OUTCOME, "ill", "well")), FRAME[NUMBERS])
        model = VotingClassifier(parts[1:2] * 1, voting="soft").fit(FRAME[NUMBERS], STAGE)
        self.export(model, FRAME[NUMBERS])
        model = VotingRegressor([("a", Ridge()), ("b", RandomForestRegressor(5))])
        model.fit(FRAME[NUMBERS], NUMBER)
        self.export(model, FRAME[NUMBERS], model.predict(FRAME[NUMBERS]), 1e-4)

    def test_searches_and_bags(self):
        model = GridSearchCV(logistic(), {"C": [0.1, 1.0]}, cv=2).fit(FRAME[NUMBERS], OUTCOME)
        self.export(model, FRAME[NUMBERS])
        model = BaggingClassifier(DecisionTreeClassifier(max_depth=3), 5, max_features=2)
        self.export(model.fit(FRAME[NUMBERS], OUTCOME), FRAME[NUMBERS])


class Refused(unittest.TestCase):
    def refused(self, model, text, data=FRAME[NUMBERS], truth=OUTCOME):
        with self.assertRaises(ExportError) as error:
            export(model.fit(data, truth), data, outcome="event")
        self.assertIn(text, str(error.exception))

    def test_names_the_class_and_the_nearest_way(self):
        from sklearn.neighbors import KNeighborsClassifier
        from sklearn.preprocessing import QuantileTransformer

        self.refused(LinearSVC(), "`sklearn.LinearSVC` is not supported: wrap it in Calibrated")
        self.refused(KNeighborsClassifier(), "KNeighborsClassifier")
        self.refused(
            make_pipeline(QuantileTransformer(n_quantiles=10), logistic()), "QuantileTransformer"
        )
        self.refused(make_pipeline(FunctionTransformer(np.tanh), logistic()), "tanh")
        self.refused(make_pipeline(PolynomialFeatures(3), logistic()), "degree")
        self.refused(SGDClassifier(loss="hinge"), "log_loss")

    def test_subclasses_may_compute_anything(self):
        class Half(LogisticRegression):
            def predict_proba(self, X):
                return super().predict_proba(X) / 2

        self.refused(Half(), "Half` is not supported")

    def test_files_that_would_answer_otherwise(self):
        model = logistic().fit(FRAME[NUMBERS], OUTCOME)
        model.predict_proba = lambda rows: np.full((len(rows), 2), 0.5)
        with self.assertRaisesRegex(ExportError, "would not answer as the model does"):
            export(model, FRAME[NUMBERS], outcome="event")


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""XGBoost, LightGBM and CatBoost."""

import unittest

import lightgbm
import numpy as np
import xgboost
from catboost import CatBoostClassifier, CatBoostRegressor
from lightgbm import LGBMClassifier, LGBMRegressor
from patients import NUMBERS, Exports, patients
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from xgboost import XGBClassifier, XGBRegressor, XGBRFClassifier

from cso_export import ExportError, export

FRAME, OUTCOME, NUMBER, STAGE = patients()
GAPS, GAP_OUTCOME, _, _ = patients(gaps=True)
CATEGORIES = GAPS.astype({"sex": "category", "site": "category"})


class XGBoost(Exports):
    def test_default_model_with_gaps(self):
        model = XGBClassifier().fit(GAPS[NUMBERS], GAP_OUTCOME)
        self.export(model, GAPS[NUMBERS], tolerance=5e-6)

    def test_boosters_and_forests(self):
        for model in (
            XGBClassifier(n_estimators=20, booster="dart", rate_drop=0.3),
            XGBRFClassifier(n_estimators=20),
            XGBClassifier(n_estimators=5, num_parallel_tree=4, base_score=0.2),
        ):
            self.export(model.fit(FRAME[NUMBERS], OUTCOME), FRAME[NUMBERS], tolerance=5e-6)

    def test_classes(self):
        model = XGBClassifier(n_estimators=10).fit(FRAME[NUMBERS], STAGE)
        self.export(model, FRAME[NUMBERS], tolerance=5e-6)

    def test_stops_where_the_wrapper_stops(self):
        model = XGBClassifier(n_estimators=80, learning_rate=0.5, early_stopping_rounds=3)
        model.fit(
            FRAME[NUMBERS][:200],
            OUTCOME[:200],
            verbose=False,
            eval_set=[(FRAME[NUMBERS][200:], OUTCOME[200:])],
        )
        document = self.export(model, FRAME[NUMBERS], tolerance=5e-6)
        self.assertEqual(len(document["sums"][0]["terms"]), model.best_iteration + 1)

    def test_categories(self):
        model = XGBClassifier(n_estimators=20, enable_categorical=True, max_cat_to_onehot=1)
        document = self.export(model.fit(CATEGORIES, GAP_OUTCOME), CATEGORIES, tolerance=5e-6)
        site = next(one for one in document["features"] if one["name"] == "site")
        self.assertEqual(site["categories"], ["anterior", "inferior", "lateral, left"])

    def test_codes_for_missing(self):
        data = GAPS[NUMBERS].fillna(-1)
        model = XGBClassifier(n_estimators=20, missing=-1).fit(data, GAP_OUTCOME)
        document = self.export(model, data, tolerance=5e-6)
        self.assertEqual(document["features"][0]["missing"], [-1])

    def test_regressions_and_hazards(self):
        for objective in ("reg:squarederror", "count:poisson", "reg:logistic", "survival:cox"):
            truth = {"reg:logistic": OUTCOME, "survival:cox": NUMBER.clip(1) * (2 * OUTCOME - 1)}
            model = XGBRegressor(n_estimators=20, objective=objective)
            model.fit(FRAME[NUMBERS], truth.get(objective, NUMBER.clip(0)))
            self.export(model, FRAME[NUMBERS], model.predict(FRAME[NUMBERS]), 1e-4)

    def test_plain_boosters_and_arrays(self):
        matrix = xgboost.DMatrix(FRAME[NUMBERS].to_numpy(), OUTCOME)
        booster = xgboost.train({"objective": "binary:logistic"}, matrix, 10)
        data = FRAME[NUMBERS].to_numpy()
        self.export(booster, data, booster.predict(matrix), 5e-6, features=NUMBERS)

    def test_refused(self):
        with self.assertRaisesRegex(ExportError, "gblinear"):
            export(XGBClassifier(booster="gblinear").fit(FRAME[NUMBERS], OUTCOME), FRAME, "event")


class LightGBM(Exports):
    def test_kinds_of_boosting(self):
        for options in (
            {},
            {"boosting_type": "dart"},
            {"linear_tree": True},
            {"boosting_type": "rf", "subsample": 0.6, "subsample_freq": 1},
            {"sigmoid": 0.7},
        ):
            model = LGBMClassifier(n_estimators=15, verbose=-1, **options)
            self.export(model.fit(GAPS[NUMBERS], GAP_OUTCOME), GAPS[NUMBERS])

    def test_gaps_that_training_had_not(self):
        model = LGBMClassifier(n_estimators=15, verbose=-1).fit(FRAME[NUMBERS], OUTCOME)
        self.export(model, GAPS[NUMBERS])

    def test_categories_and_names_with_blanks(self):
        data = CATEGORIES.rename(columns={"sbp": "systolic pressure"})
        model = LGBMClassifier(
            n_estimators=15, verbose=-1, min_child_samples=5, max_cat_to_onehot=1
        )
        self.export(model.fit(data, GAP_OUTCOME), data)

    def test_classes_and_regressions(self):
        for objective in ("multiclass", "multiclassova"):
            model = LGBMClassifier(n_estimators=8, verbose=-1, objective=objective)
            self.export(model.fit(FRAME[NUMBERS], STAGE), FRAME[NUMBERS])
        for options in ({}, {"objective": "poisson"}, {"reg_sqrt": True}, {"linear_tree": True}):
            model = LGBMRegressor(n_estimators=15, verbose=-1, **options)
            model.fit(FRAME[NUMBERS], NUMBER.clip(0))
            self.export(model, FRAME[NUMBERS], model.predict(FRAME[NUMBERS]), 1e-4)

    def test_plain_boosters_stop_early(self):
        train = lightgbm.Dataset(FRAME[NUMBERS][:200], OUTCOME[:200])
        test = lightgbm.Dataset(FRAME[NUMBERS][200:], OUTCOME[200:], reference=train)
        booster = lightgbm.train(
            {"objective": "binary", "verbose": -1},
            train,
            80,
            [test],
            callbacks=[lightgbm.early_stopping(3, verbose=False)],
        )
        document = self.export(booster, FRAME[NUMBERS], booster.predict(FRAME[NUMBERS]))
        self.assertEqual(len(document["sums"][0]["terms"]), booster.best_iteration)

    def test_refused(self):
        half = lambda truth, raw: (raw - truth, np.ones_like(raw))  # noqa: E731
        model = LGBMClassifier(n_estimators=3, verbose=-1, objective=half)
        with self.assertRaisesRegex(ExportError, "objective of one's own"):
            export(model.fit(FRAME[NUMBERS], OUTCOME), FRAME[NUMBERS], outcome="event")
        model = LGBMClassifier(n_estimators=3, verbose=-1, zero_as_missing=True)
        with self.assertRaisesRegex(ExportError, "zero_as_missing"):
            export(model.fit(FRAME[NUMBERS], OUTCOME), FRAME[NUMBERS], outcome="event")


class CatBoost(Exports):
    def test_two_and_three_classes_with_gaps(self):
        for truth in (GAP_OUTCOME, STAGE):
            model = CatBoostClassifier(iterations=15, depth=4, verbose=0, allow_writing_files=False)
            self.export(model.fit(GAPS[NUMBERS], truth), GAPS[NUMBERS])

    def test_shapes_and_losses(self):
        for options in ({"grow_policy": "Lossguide"}, {"loss_function": "Poisson"}, {}):
            model = CatBoostRegressor(
                iterations=15, depth=4, verbose=0, allow_writing_files=False, **options
            )
            model.fit(FRAME[NUMBERS], NUMBER.clip(0))
            kind = "Exponent" if "loss_function" in options else "RawFormulaVal"
            truth = model.predict(FRAME[NUMBERS], prediction_type=kind)
            self.export(model, FRAME[NUMBERS], truth, 1e-4)

    def test_refuses_categories(self):
        model = CatBoostClassifier(
            iterations=3, verbose=0, cat_features=["sex"], allow_writing_files=False
        )
        with self.assertRaisesRegex(ExportError, "categorical features"):
            export(
                model.fit(FRAME[["sex", "age"]], OUTCOME), FRAME[["sex", "age"]], outcome="event"
            )


class Within(Exports):
    def test_zeros_of_sparse_inputs_are_missing_to_xgboost(self):
        numbers = make_pipeline(SimpleImputer(), StandardScaler())
        for number in ("passthrough", numbers):
            steps = ColumnTransformer(
                [("n", number, ["age", "crp"]), ("c", OneHotEncoder(), ["sex", "site"])],
                remainder="passthrough",
                sparse_threshold=1.0,
            )
            model = make_pipeline(steps, XGBClassifier(n_estimators=10)).fit(GAPS, GAP_OUTCOME)
            self.export(model, GAPS, tolerance=5e-6)

    def test_pipelines_and_calibration(self):
        for base in (
            XGBClassifier(n_estimators=5),
            LGBMClassifier(n_estimators=5, verbose=-1),
            CatBoostClassifier(iterations=5, verbose=0, allow_writing_files=False),
        ):
            model = make_pipeline(StandardScaler(), base).fit(GAPS[NUMBERS].to_numpy(), GAP_OUTCOME)
            self.export(model, GAPS[NUMBERS].to_numpy(), tolerance=5e-6)
            model = CalibratedClassifierCV(base, cv=2, method="sigmoid")
            self.export(model.fit(FRAME[NUMBERS], OUTCOME), FRAME[NUMBERS], tolerance=5e-6)


if __name__ == "__main__":
    unittest.main()

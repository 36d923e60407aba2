# SPDX-License-Identifier: Apache-2.0
"""concrete-ml, which needs an environment of its own (older scikit-learn and XGBoost)."""

import importlib.util
import unittest

import numpy as np
from patients import NUMBERS, Exports, patients

HERE = importlib.util.find_spec("concrete") is not None


@unittest.skipUnless(HERE, "concrete-ml is not installed")
class ConcreteMl(Exports):
    def test_float_twins(self):
        from concrete.ml.sklearn import (
            DecisionTreeClassifier,
            LinearRegression,
            LogisticRegression,
            RandomForestClassifier,
            XGBClassifier,
        )

        frame, outcome, number, _ = patients()
        data = frame[NUMBERS].to_numpy(dtype=np.float32)
        model = LogisticRegression(n_bits=8).fit(data, outcome)
        self.export(model, data, model.sklearn_model.predict_proba(data)[:, 1])
        model = LinearRegression(n_bits=8).fit(data, number)
        self.export(model, data, model.sklearn_model.predict(data), 1e-4)
        for model in (
            DecisionTreeClassifier(n_bits=5, max_depth=4),
            RandomForestClassifier(n_bits=4, n_estimators=5, max_depth=4),
            XGBClassifier(n_bits=4, n_estimators=5, max_depth=3),
        ):
            model.fit(data, outcome)
            twin = model.sklearn_model.predict_proba(model.quantize_input(data))[:, 1]
            self.export(model, data, twin, 5e-6, features=NUMBERS)


if __name__ == "__main__":
    unittest.main()

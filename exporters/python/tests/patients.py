# SPDX-License-Identifier: Apache-2.0
"""Made-up patients, and what every export has to keep."""

import hashlib
import json
import os
import pathlib
import shutil
import tempfile
import unittest

import numpy as np
import pandas as pd

from cso_export import evaluate, export


def patients(count=400, gaps=False, seed=5):
    """Measurements, a flag, a text and a code, with an outcome that hangs on them."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": random.integers(30, 90, count).astype(float),
            "sbp": random.normal(135, 20, count).round(),
            "crp": (np.exp(random.normal(1.2, 1.1, count)) + 0.1).round(1),
            "smoker": random.integers(0, 2, count),
            "sex": random.choice(["f", "m"], count),
            "site": random.choice(["inferior", "anterior", "lateral, left"], count),
        }
    )
    logit = (
        0.06 * (frame.age - 60)
        + 0.02 * (frame.sbp - 135)
        + 0.5 * np.log(frame.crp)
        + 0.7 * frame.smoker
        + (frame.sex == "m") * 0.5
        - (frame.site == "inferior") * 0.8
        - 0.8
    )
    outcome = (random.random(count) < 1 / (1 + np.exp(-logit))).astype(int)
    number = (logit * 3 + random.normal(0, 1, count) + 20).to_numpy()
    stage = np.digitize(logit + random.normal(0, 0.7, count), [-1.0, 0.5])
    if gaps:
        for name in ("age", "crp"):
            frame.loc[random.random(count) < 0.15, name] = np.nan
    return frame, outcome, number, stage


NUMBERS = ["age", "sbp", "crp", "smoker"]


class Exports(unittest.TestCase):
    """Exports a model and holds its file against the library's own answers."""

    def export(self, model, data, truth=None, tolerance=1e-6, **options):
        """Writes, reads back, evaluates on all rows."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "model.json"
            export(model, data, outcome="event", path=path, **options)
            text = path.read_text(encoding="utf-8")
            document = json.loads(text)
            # For the reader's own test, which takes all files of a folder.
            if keep := os.environ.get("CSO_EXPORTED"):
                name = hashlib.sha256(text.encode()).hexdigest()[:12]
                shutil.copy(path, pathlib.Path(keep) / f"{self.id()}-{name}.json")
        if truth is None:
            truth = model.predict_proba(data)
            truth = truth[:, 1] if truth.shape[1] == 2 else truth
        away = np.abs(evaluate(document, data) - np.asarray(truth))
        if document["outcome"]["kind"] == "number":
            away = away / np.maximum(1.0, np.abs(truth))
        away = np.max(away)
        self.assertLess(away, tolerance)
        return document

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains small models, writes them as ONNX and beside each the answers of onnxruntime.

    python make.py [NAME...]

NAME.csv has the inputs, then `=class` and `=0`, `=1`, … (probabilities or scores by class) or
`=value`. Needs scikit-learn, skl2onnx, onnxmltools, xgboost, lightgbm, catboost, onnxruntime.
"""
import sys

import pandas as pd

import boosters, graphs, layers, learners, pipelines  # noqa: E401, F401
from common import HERE, MODELS, X, answers


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

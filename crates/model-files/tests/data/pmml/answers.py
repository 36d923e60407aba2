# SPDX-License-Identifier: Apache-2.0
"""Writes jpmml-evaluator's answers beside the cases of each NAME.csv here; those of r-*.csv are R's own, those of catboost.csv CatBoost's.

A file has one column for each input, and answers: `=value` (the number), or one `=p CLASS` a class. In a file whose
text has {variant}, each answer's name stands in its place, and the answer is the number or the last class's probability.
"""

import pathlib
import sys
import tempfile

import pandas
from jpmml_evaluator import make_evaluator


def answer(text, cases):
    with tempfile.NamedTemporaryFile("w", suffix=".pmml") as file:
        file.write(text)
        file.flush()
        return make_evaluator(file.name).verify().evaluateAll(cases)


def main(folder):
    for path in sorted(folder.glob("[!r]*.pmml")) + sorted(folder.glob("r[!-]*.pmml")):
        text, table = path.read_text(), pandas.read_csv(path.with_suffix(".csv"))
        names = [name for name in table.columns if name.startswith("=")]
        cases = table.drop(columns=names)
        answers = {}
        if "{variant}" in text:
            for name in names:
                answers[name] = answer(text.replace("{variant}", name[1:]), cases).iloc[:, -1]
        else:
            found = answer(text, cases)
            for name in names:
                # A transformed output stands last.
                answers[name] = found[f"probability({name[3:]})"] if name != "=value" else found.iloc[:, -1]
        pandas.concat([cases, pandas.DataFrame(answers)], axis=1).to_csv(path.with_suffix(".csv"), index=False)


main(pathlib.Path(sys.argv[1]))

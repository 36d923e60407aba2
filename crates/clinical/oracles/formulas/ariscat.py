# SPDX-License-Identifier: Apache-2.0
"""ARISCAT, from the function ariscat of
https://github.com/clay-good/sophiewell.com/blob/010da285abe336070ffd45a5fb6a42d563d8b6e8/lib/scoring-v6.js and its table in lib/meta.js
(MIT); the protocol is written from https://qxmd.com/calculate/calculator_758/ariscat-score."""


def outputs(answers: dict) -> dict:
    age = int(answers["age"])
    score = 16 if age > 80 else 3 if age > 50 else 0
    score += {"96-or-more": 0, "91-to-95": 8, "90-or-less": 24}[answers["oxygen"]]
    score += {"peripheral": 0, "upper-abdominal": 15, "intrathoracic": 24}[answers["incision"]]
    score += {"below-2": 0, "2-to-3": 16, "above-3": 23}[answers["duration"]]
    score += 17 if answers["infection"] else 0
    score += 11 if answers["haemoglobin"] <= 10 else 0
    return {"score": score}

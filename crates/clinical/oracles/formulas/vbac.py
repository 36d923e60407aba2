# SPDX-License-Identifier: Apache-2.0
"""MFMU 2021 model of vaginal birth after caesarean, from
https://github.com/aaronge-2020/prerounding-checklist/blob/cdfb09229ad7f7861e2b1a343c2020dd2041d85a/src/clinical-scores/vbac-mfmu.js,
which was compared with the calculator of MDCalc; the protocol is written from
https://github.com/clay-good/sophiewell.com/blob/010da285abe336070ffd45a5fb6a42d563d8b6e8/lib/risk-v192.js."""
from math import exp


# The protocol rounds down.
DOWN = {"chance": 1}


def outputs(answers: dict) -> dict:
    """The chance in percent."""
    w = (
        -5.952
        - 0.023 * answers["age"]
        - 0.024 * answers["weight"]
        + 0.056 * answers["height"]
        - 0.597 * answers["arrest"]
        + 0.868 * (answers["births"] == "before")
        + 1.869 * (answers["births"] == "after")
        - 0.966 * answers["hypertension"]
    )
    return {"chance": 100 * exp(w) / (1 + exp(w))}

# SPDX-License-Identifier: Apache-2.0
"""Khorana score, from the schema of the PyPI package clincalc 0.4.0 (calculator `khorana`); the protocol is written from the table at
https://err.ersjournals.com/highwire/markup/14998/expansion. The PyPI package itself can stand in for this file."""


def outputs(answers: dict) -> dict:
    return {
        "score": {"very-high": 2, "high": 1, "other": 0}[answers["site"]]
        + (answers["platelets"] >= 350)
        + bool(answers["haemoglobin"] < 10 or answers["epo"])
        + (answers["leukocytes"] > 11)
        + (answers["bmi"] >= 35)
    }

# SPDX-License-Identifier: Apache-2.0
"""Revised Cardiac Risk Index, from the schema of the PyPI package clincalc 0.4.0 (calculator `rcri`, creatinine above 176.8 umol/L);
the protocol is written from https://www.ccjm.org/highwire/markup/1343/expansion, table 1."""


def outputs(answers: dict) -> dict:
    flags = ["high-risk-surgery", "ischaemic-heart-disease", "heart-failure", "stroke", "insulin"]
    return {"score": sum(bool(answers[flag]) for flag in flags) + (round(answers["creatinine"] * 88.4, 6) > 176.8)}

# SPDX-License-Identifier: Apache-2.0
"""KDIGO risk of chronic kidney disease, from the PyPI package clincalc 0.4.0 (calculator `ckd_risk`, compared with it); the protocol is
written from table 5 of https://pmc.ncbi.nlm.nih.gov/articles/PMC10985780/table/agm212294-tbl-0005."""

# Rows G1, G2, G3a, G3b, G4, G5; columns A1, A2, A3.
RISK = [(1, 2, 3), (1, 2, 3), (2, 3, 4), (3, 4, 4), (4, 4, 4), (4, 4, 4)]


def outputs(answers: dict) -> dict:
    row = sum(answers["egfr"] < limit for limit in (90, 60, 45, 30, 15))
    return {"risk": RISK[row][["a1", "a2", "a3"].index(answers["albumin"])]}

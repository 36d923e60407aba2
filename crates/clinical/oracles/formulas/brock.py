# SPDX-License-Identifier: Apache-2.0
"""Brock (PanCan) model, full, with spiculation, in the uncentred form with coefficients of four digits that table 2 of
Eur Radiol 2019;29(10):5367-5377, https://pmc.ncbi.nlm.nih.gov/articles/PMC6717521/table/T2 (column BU), gives: intercept 0.2761,
size as (mm / 10) ** -0.5. The protocol is written from the centred form."""
from math import exp


# Coefficients of four digits, in another form.
WITHIN = 0.001
# The protocol rounds down.
DOWN = {"risk": 1}


def outputs(answers: dict) -> dict:
    """The risk in percent."""
    x = 0.2761 + 0.0287 * answers["age"] - 5.3854 * (answers["size"] / 10) ** -0.5 - 0.0824 * answers["count"]
    x += 0.6011 if answers["sex"] == "female" else 0
    x += 0.2961 if answers["family-history"] else 0
    x += 0.2953 if answers["emphysema"] else 0
    x += 0.6581 if answers["upper-lobe"] else 0
    x += 0.7729 if answers["spiculation"] else 0
    x += {"solid": 0, "part-solid": 0.377, "non-solid": -0.1276}[answers["type"]]
    return {"risk": 100 * exp(x) / (1 + exp(x))}

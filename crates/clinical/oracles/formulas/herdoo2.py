# SPDX-License-Identifier: Apache-2.0
"""The HERDOO2 rule as the Practical Guide to Haemostasis writes it down.

http://www.practical-haemostasis.com (Clinical prediction scores, HERDOO2), and the manual of the R package cliot,
https://rdrr.io/cran/cliot/man/herdoo2_rule.html
"""


def outputs(answers):
    """How many of the four criteria are present."""
    present = [answers["leg-signs"], answers["d-dimer"] >= 250, answers["bmi"] >= 30, answers["age"] >= 65]
    return {"score": sum(map(bool, present))}

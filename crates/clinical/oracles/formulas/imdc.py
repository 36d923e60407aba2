# SPDX-License-Identifier: Apache-2.0
"""IMDC (Heng) criteria, from the function imdcRcc of
https://github.com/clay-good/sophiewell.com/blob/010da285abe336070ffd45a5fb6a42d563d8b6e8/lib/onc-staging-v187.js (MIT); the protocol is
written from Heng 2013, https://pmc.ncbi.nlm.nih.gov/articles/PMC4144042, and
https://d1s07skqdwll4z.cloudfront.net/?p=6306 (Danish Renal Cancer Group)."""


def outputs(answers: dict) -> dict:
    factors = ["karnofsky", "less-than-a-year", "low-haemoglobin", "high-calcium", "high-neutrophils", "high-platelets"]
    return {"factors": sum(bool(answers[factor]) for factor in factors)}

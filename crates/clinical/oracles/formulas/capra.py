# SPDX-License-Identifier: Apache-2.0
"""UCSF-CAPRA, from the function capraScore of
https://github.com/clay-good/sophiewell.com/blob/010da285abe336070ffd45a5fb6a42d563d8b6e8/lib/uro-v131.js (MIT); the protocol is
written from table 2 of https://pmc.ncbi.nlm.nih.gov/articles/PMC2777059/table/T2."""


def outputs(answers: dict) -> dict:
    psa = answers["psa"]
    score = sum(psa > limit for limit in (6, 10, 20, 30))
    score += {"no-4-or-5": 0, "second-4-or-5": 1, "first-4-or-5": 3}[answers["gleason"]]
    score += answers["stage"] == "t3a"
    score += answers["age"] >= 50
    score += answers["cores"] >= 34
    return {"score": score}

# SPDX-License-Identifier: Apache-2.0
"""Apfel score, from the function apfel of
https://github.com/clay-good/sophiewell.com/blob/010da285abe336070ffd45a5fb6a42d563d8b6e8/lib/scoring-v4.js (MIT); the protocol is
written from the abstract at https://insights.ovid.com/crossref?an=00000542-199909000-00022."""


def outputs(answers: dict) -> dict:
    parts = [answers["sex"] == "female", not answers["smoker"], answers["history"], answers["opioids"]]
    return {"score": sum(map(bool, parts))}

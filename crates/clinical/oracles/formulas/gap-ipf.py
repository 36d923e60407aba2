# SPDX-License-Identifier: Apache-2.0
"""GAP index, from the function gapIpf of
https://github.com/clay-good/sophiewell.com/blob/010da285abe336070ffd45a5fb6a42d563d8b6e8/lib/pulm-v91.js (MIT); the protocol is written
from the form at http://medical-data-models.org/23987."""


def outputs(answers: dict) -> dict:
    age = int(answers["age"])
    score = 1 if answers["sex"] == "male" else 0
    score += 2 if age > 65 else 1 if age > 60 else 0
    score += ["above-75", "50-to-75", "below-50"].index(answers["fvc"])
    score += ["above-55", "36-to-55", "35-or-less", "not-possible"].index(answers["dlco"])
    return {"score": score}

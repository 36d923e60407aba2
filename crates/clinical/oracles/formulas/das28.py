# SPDX-License-Identifier: Apache-2.0
"""DAS28 with ESR, from the PyPI package clincalc 0.4.0 (calculator `das28`, compared with it) and the table of states at
https://ard.bmj.com/highwire/markup/187591/expansion; the protocol is written from das-score.nl."""
from math import log, sqrt


def outputs(answers: dict) -> dict:
    joints = 0.56 * sqrt(answers["tender"]) + 0.28 * sqrt(answers["swollen"])
    score = joints + 0.7 * log(max(answers["esr"], 1)) + 0.014 * answers["global-health"]
    return {"activity": 1 if score < 2.6 else 2 if score <= 3.2 else 3 if score <= 5.1 else 4, "score": score}


def clincalc(answers: dict):
    fields = {
        "marker": "esr",
        "marker_value": max(answers["esr"], 1),
        "tender_joint_count": int(answers["tender"]),
        "swollen_joint_count": int(answers["swollen"]),
        "global_health": answers["global-health"],
    }
    return "das28", fields, "score", 0.1

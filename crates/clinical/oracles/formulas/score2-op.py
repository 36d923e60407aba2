# SPDX-License-Identifier: Apache-2.0
"""SCORE2-OP as the R package RiskScorescvd has it (see score2.py, which holds its numbers): the coefficients and scales that the
paper prints. The protocol took the published values from the working group's own program
(https://github.com/skkceu/stata/blob/d4372b64650e2a3158620058aceb0aa9f4ce6524/score2oprisk.ado).
"""

import importlib.util
import pathlib

_spec = importlib.util.spec_from_file_location("score2", pathlib.Path(__file__).with_name("score2.py"))
_score2 = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_score2)


# The mean of the women is 0.229 here and 0.2288 in the protocol.
WITHIN = 0.02
# The protocol rounds down.
DOWN = {"risk": 0.5}


def outputs(answers: dict) -> dict:
    """SCORE2-OP for ages 70 to 89."""
    return {
        "risk": _score2.risk(
            answers, _score2.FROM_70, _score2.CENTRES_FROM_70, _score2.BASELINE_FROM_70, _score2.SCALES_FROM_70
        )
    }

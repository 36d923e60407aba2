# SPDX-License-Identifier: Apache-2.0
"""HCM Risk-SCD as in EP Mobile (Kotlin), which is independent of the web calculators.

https://github.com/mannd/epmobile/blob/ad6c8cb76d235ce307d7eea9f63204bceeb9db0c/app/src/main/java/org/epstudios/epmobile/features/riskscores/data/HcmRiskScdModel.kt
"""

from math import exp


# The protocol rounds down.
DOWN = {"five-years": 0.5}


def outputs(answers):
    """The risk in percent, neither rounded nor limited."""
    wall = answers["wall-thickness"]
    prognostic = 0.15939858 * wall - 0.00294271 * wall * wall
    prognostic += 0.0259082 * answers["left-atrium"] + 0.00446131 * answers["gradient"]
    prognostic += 0.4583082 if answers["family-history"] else 0.0
    prognostic += 0.82639195 if answers["nsvt"] else 0.0
    prognostic += 0.71650361 if answers["syncope"] else 0.0
    prognostic -= 0.01799934 * answers["age"]
    return {"five-years": 100 * (1 - 0.998 ** exp(prognostic))}

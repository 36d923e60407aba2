# SPDX-License-Identifier: Apache-2.0
"""SCORE2-Diabetes, written from the R package RiskScorescvd, function SCORE2_Diabetes:
https://github.com/dvicencio/RiskScorescvd/blob/ec91c3bec2c9245c1247a3da558ed7791f73c022/R/15_SCORE2-Diabetes_func.R (MIT).

One table of coefficients, where the program of the working group, from which the protocol's numbers come, adds three.
Diabetes is always "yes".
"""

import math

COEFFICIENTS = {
    "male": (0.5368, 0.4774, 0.1322, 0.6457, 0.1102, -0.1087, -0.0672, -0.0268, -0.0983, -0.0181, 0.0095,
             -0.0998, 0.0955, -0.0591, 0.0058, -0.0134, 0.0115),
    "female": (0.6624, 0.6139, 0.1421, 0.8096, 0.1127, -0.1568, -0.1122, -0.0167, -0.1272, -0.0200, 0.0186,
               -0.118, 0.1173, -0.0640, 0.0062, -0.0196, 0.0169),
}
SURVIVAL = {"male": 0.9605, "female": 0.9776}
SCALES = {
    "male": {"low": (-0.5699, 0.7476), "moderate": (-0.1565, 0.8009), "high": (0.3207, 0.9360), "very-high": (0.5836, 0.8294)},
    "female": {"low": (-0.7380, 0.7019), "moderate": (-0.3143, 0.7701), "high": (0.5710, 0.9369), "very-high": (0.9412, 0.8329)},
}


# The protocol has the sums of three rounded coefficients, the source one.
WITHIN = 0.1
# The protocol rounds down.
DOWN = {"risk": 0.5}


def outputs(answers: dict) -> dict:
    """The risk in percent."""
    sex = answers["sex"]
    age = (answers["age"] - 60) / 5
    smoker = float(answers["smoking"] == "yes")
    systolic = (answers["systolic"] - 120) / 20
    cholesterol = answers["cholesterol"] - 6
    hdl = (answers["hdl"] - 1.3) / 0.5
    diagnosed = (answers["diagnosed"] - 50) / 5
    hba1c = (answers["hba1c"] - 31) / 9.34
    egfr = (math.log(answers["egfr"]) - 4.5) / 0.15
    values = (age, smoker, systolic, 1.0, cholesterol, hdl, age * smoker, age * systolic, age, age * cholesterol, age * hdl,
              diagnosed, hba1c, egfr, egfr**2, hba1c * age, egfr * age)
    predictor = sum(b * x for b, x in zip(COEFFICIENTS[sex], values))
    uncalibrated = 1 - SURVIVAL[sex] ** math.exp(predictor)
    scale1, scale2 = SCALES[sex][answers["region"]]
    return {"risk": 100 * (1 - math.exp(-math.exp(scale1 + scale2 * math.log(-math.log(1 - uncalibrated)))))}

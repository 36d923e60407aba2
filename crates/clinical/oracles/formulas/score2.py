# SPDX-License-Identifier: Apache-2.0
"""SCORE2 and SCORE2-OP, written from the R package RiskScorescvd 1.x, function SCORE2:
https://github.com/dvicencio/RiskScorescvd/blob/ec91c3bec2c9245c1247a3da558ed7791f73c022/R/11_SCORE2_func.R (MIT).

It holds the coefficients and scales as the papers' supplements print them, four decimals (SCORE2) and two to four (SCORE2-OP); the
protocol's own numbers come from the programs of the SCORE2 working group. Diabetes is always "no": the protocols refuse it.
"""

import math

# Linear predictor: (coefficient, centre, unit) of each predictor, then the products with age.
UNDER_70 = {
    "male": {"age": 0.3742, "smoking": 0.6012, "systolic": 0.2777, "cholesterol": 0.1458, "hdl": -0.2698,
             "age smoking": -0.0755, "age systolic": -0.0255, "age cholesterol": -0.0281, "age hdl": 0.0426},
    "female": {"age": 0.4648, "smoking": 0.7744, "systolic": 0.3131, "cholesterol": 0.1002, "hdl": -0.2606,
               "age smoking": -0.1088, "age systolic": -0.0277, "age cholesterol": -0.0226, "age hdl": 0.0613},
}
FROM_70 = {
    "male": {"age": 0.0634, "smoking": 0.3524, "systolic": 0.0094, "cholesterol": 0.0850, "hdl": -0.3564,
             "age smoking": -0.0247, "age systolic": -0.0005, "age cholesterol": 0.0073, "age hdl": 0.0091},
    "female": {"age": 0.0789, "smoking": 0.4921, "systolic": 0.0102, "cholesterol": 0.0605, "hdl": -0.3040,
               "age smoking": -0.0255, "age systolic": -0.0004, "age cholesterol": -0.0009, "age hdl": 0.0154},
}
CENTRES_UNDER_70 = {"age": (60, 5), "systolic": (120, 20), "cholesterol": (6, 1), "hdl": (1.3, 0.5)}
CENTRES_FROM_70 = {"age": (73, 1), "systolic": (150, 1), "cholesterol": (6, 1), "hdl": (1.4, 1)}
# Baseline survival, and what is taken from the linear predictor.
BASELINE_UNDER_70 = {"male": (0.9605, 0.0), "female": (0.9776, 0.0)}
BASELINE_FROM_70 = {"male": (0.7576, 0.0929), "female": (0.8082, 0.229)}
SCALES_UNDER_70 = {
    ("low", "male"): (-0.5699, 0.7476), ("low", "female"): (-0.7380, 0.7019),
    ("moderate", "male"): (-0.1565, 0.8009), ("moderate", "female"): (-0.3143, 0.7701),
    ("high", "male"): (0.3207, 0.9360), ("high", "female"): (0.5710, 0.9369),
    ("very-high", "male"): (0.5836, 0.8294), ("very-high", "female"): (0.9412, 0.8329),
}
SCALES_FROM_70 = {
    ("low", "male"): (-0.34, 1.19), ("low", "female"): (-0.52, 1.01),
    ("moderate", "male"): (0.01, 1.25), ("moderate", "female"): (-0.10, 1.10),
    ("high", "male"): (0.08, 1.15), ("high", "female"): (0.38, 1.09),
    ("very-high", "male"): (0.05, 0.70), ("very-high", "female"): (0.38, 0.69),
}


def risk(answers: dict, coefficients: dict, centres: dict, baseline: dict, scales: dict) -> float:
    """The calibrated risk in percent."""
    sex = answers["sex"]
    b = coefficients[sex]
    x = {name: (answers[name] - centre) / unit for name, (centre, unit) in centres.items()}
    x["smoking"] = 1.0 if answers["smoking"] == "yes" else 0.0
    predictor = sum(b[name] * value for name, value in x.items())
    predictor += sum(b["age " + name] * x["age"] * value for name, value in x.items() if name != "age")
    survival, mean = baseline[sex]
    uncalibrated = 1 - survival ** math.exp(predictor - mean)
    scale1, scale2 = scales[(answers["region"], sex)]
    return 100 * (1 - math.exp(-math.exp(scale1 + scale2 * math.log(-math.log(1 - uncalibrated)))))


# The protocol has six decimals of the scales, the source four.
WITHIN = 0.005
# The protocol rounds down.
DOWN = {"risk": 0.5}


def outputs(answers: dict) -> dict:
    """SCORE2 for ages 40 to 69."""
    return {"risk": risk(answers, UNDER_70, CENTRES_UNDER_70, BASELINE_UNDER_70, SCALES_UNDER_70)}

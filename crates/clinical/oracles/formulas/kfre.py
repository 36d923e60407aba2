# SPDX-License-Identifier: Apache-2.0
"""Kidney Failure Risk Equation, 4 variables, as in the validations of the Peruvian health insurance (R), independent of the package `kfre`.

Predictor and baselines of other countries: https://github.com/psotob91/kfre-ckd-reba-peru/blob/adce633c039fb477e75ee271dee55232c0787156/Code/0_Importing_Cleaning.R.
North American baselines: https://github.com/psotob91/kfre-ckd-nationwide-essalud-peru/blob/344209722593f9966c8e1f8919ccf670df7249e4/Code/source/kfre_pr_orig.R.
"""

from math import exp, log

# Survival without kidney failure at the mean of the predictor, after 2 and 5 years.
BASELINE = {"north-america": (0.9750, 0.9240), "elsewhere": (0.9832, 0.9365)}


# The protocol has its weights written out to some digits.
WITHIN = 1e-4
# The protocol rounds down.
DOWN = {"two-years": 1, "five-years": 1}


def outputs(answers):
    """The two risks in percent, not rounded."""
    male = 1 if answers["sex"] == "male" else 0
    index = (
        -0.2201 * (answers["age"] / 10 - 7.036)
        + 0.2467 * (male - 0.5642)
        - 0.5567 * (answers["egfr"] / 5 - 7.222)
        + 0.4510 * (log(answers["acr"]) - 5.137)
    )
    two, five = (100 * (1 - survival ** exp(index)) for survival in BASELINE[answers["region"]])
    return {"two-years": two, "five-years": five}

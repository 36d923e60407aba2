# SPDX-License-Identifier: Apache-2.0
"""The EuroSCORE II model with the coefficients as written in clincalc (Rust).

https://github.com/pacharanero/clincalc/blob/46db8305acd1093628ec929d3aa219ad4dcc845d/src/calculators/euroscore2.rs (Nashef 2012, table 6).
Limits of the bands as there: clearance up to 50, up to 85, above; ejection fraction up to 20, 30, 50, above; pressure up to 30, 55, above.
"""

from math import exp

FLAGS = {
    "arteriopathy": 0.5360268,
    "poor-mobility": 0.2407181,
    "previous-surgery": 1.118599,
    "lung-disease": 0.1886564,
    "endocarditis": 0.6194522,
    "critical-state": 1.086517,
    "insulin": 0.3542749,
    "ccs4": 0.2226147,
    "recent-infarction": 0.1528943,
    "thoracic-aorta": 0.6527205,
}
CHOICES = {
    "nyha": {"i": 0.0, "ii": 0.1070545, "iii": 0.2958358, "iv": 0.5597929},
    "urgency": {"elective": 0.0, "urgent": 0.3174673, "emergency": 0.7039121, "salvage": 1.362947},
    "weight": {"bypass-only": 0.0, "one-other": 0.0062118, "two": 0.5521478, "three": 0.9724533},
}


def renal(answers):
    if answers["dialysis"]:
        return 0.6421508
    clearance = answers["creatinine-clearance"]
    if clearance <= 50:
        return 0.8592256
    return 0.303553 if clearance <= 85 else 0.0


def ventricle(fraction):
    if fraction <= 20:
        return 0.9346919
    if fraction <= 30:
        return 0.8084096
    return 0.3150652 if fraction <= 50 else 0.0


def pulmonary(pressure):
    if pressure <= 30:
        return 0.0
    return 0.1788899 if pressure <= 55 else 0.3491475


# The protocol rounds down.
DOWN = {"mortality": 0.5}


def outputs(answers):
    """Mortality in percent, neither rounded nor limited."""
    total = -5.324537 + 0.0285181 * (1 + max(0, answers["age"] - 60))
    total += 0.2196434 if answers["sex"] == "female" else 0.0
    total += renal(answers) + ventricle(answers["ejection-fraction"])
    total += pulmonary(answers["pulmonary-pressure"])
    total += sum(points for flag, points in FLAGS.items() if answers[flag])
    total += sum(points[answers[choice]] for choice, points in CHOICES.items())
    return {"mortality": 100 * exp(total) / (1 + exp(total))}


def clincalc(answers):
    """The program itself, as the PyPI package clincalc 0.4.0 has it."""
    clearance, fraction, pressure = (answers[id] for id in ("creatinine-clearance", "ejection-fraction", "pulmonary-pressure"))
    fields = {
        "age": int(answers["age"]),
        "female": answers["sex"] == "female",
        "renal_function": "on_dialysis" if answers["dialysis"] else ["normal", "moderate", "severe"][(clearance <= 85) + (clearance <= 50)],
        "lv_function": ["good", "moderate", "poor", "very_poor"][sum(fraction <= limit for limit in (50, 30, 20))],
        "pulmonary_hypertension": ["none", "moderate", "severe"][(pressure > 30) + (pressure > 55)],
        "nyha": answers["nyha"],
        "urgency": answers["urgency"],
        "weight_of_intervention": {
            "bypass-only": "isolated_cabg", "one-other": "single_non_cabg", "two": "two_procedures", "three": "three_or_more"}[answers["weight"]],
    }
    names = {
        "arteriopathy": "extracardiac_arteriopathy", "poor-mobility": "poor_mobility", "previous-surgery": "previous_cardiac_surgery",
        "lung-disease": "chronic_pulmonary_dysfunction", "endocarditis": "active_endocarditis", "critical-state": "critical_preoperative_state",
        "insulin": "insulin_dependent_diabetes", "ccs4": "ccs4_angina", "recent-infarction": "recent_mi", "thoracic-aorta": "thoracic_aorta_surgery"}
    fields.update({name: answers[id] for id, name in names.items()})
    return "euroscore2", fields, "mortality", 0.01

# SPDX-License-Identifier: Apache-2.0
"""IPSS-R, from the function ipssrMds of
https://github.com/clay-good/sophiewell.com/blob/010da285abe336070ffd45a5fb6a42d563d8b6e8/lib/hemonc-v94.js (MIT); the protocol is
written from https://ipssrbasic.mds-foundation.org/."""


def outputs(answers: dict) -> dict:
    score = ["very-good", "good", "intermediate", "poor", "very-poor"].index(answers["cytogenetics"])
    score += ["2-or-less", "above-2-below-5", "5-to-10", "above-10"].index(answers["blasts"])
    haemoglobin, platelets = answers["haemoglobin"], answers["platelets"]
    score += 0 if haemoglobin >= 10 else 1 if haemoglobin >= 8 else 1.5
    score += 0 if platelets >= 100 else 0.5 if platelets >= 50 else 1
    score += 0 if answers["neutrophils"] >= 0.8 else 0.5
    return {"score": score}

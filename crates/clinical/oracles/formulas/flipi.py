# SPDX-License-Identifier: Apache-2.0
"""FLIPI, from the function flipi of
https://github.com/clay-good/sophiewell.com/blob/010da285abe336070ffd45a5fb6a42d563d8b6e8/lib/hemonc-v94.js (MIT); the protocol is
written from the abstract at https://ashpublications.org/blood/article/104/5/1258/18907/Follicular-Lymphoma-International-Prognostic-Index."""


def outputs(answers: dict) -> dict:
    score = bool(answers["stage"]) + bool(answers["ldh"]) + bool(answers["nodal-areas"])
    return {"score": score + (int(answers["age"]) > 60) + (answers["haemoglobin"] < 12)}

# SPDX-License-Identifier: Apache-2.0
"""R-ISS, from the functions issStageOf and myelomaRIss of
https://github.com/clay-good/sophiewell.com/blob/010da285abe336070ffd45a5fb6a42d563d8b6e8/lib/onc-v134.js (MIT); the protocol is
written from https://ashpublications.org/ashclinicalnews/news/2274/IMWG-Revises-International-Staging-System-for."""


def outputs(answers: dict) -> dict:
    b2m, risk = answers["beta-2-microglobulin"], answers["ldh"] or answers["chromosomes"]
    iss = 3 if b2m >= 5.5 else 1 if b2m < 3.5 and answers["albumin"] >= 3.5 else 2
    if iss == 1 and not risk:
        return {"stage": 1}
    return {"stage": 3 if iss == 3 and risk else 2}

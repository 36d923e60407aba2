# SPDX-License-Identifier: Apache-2.0
"""CLL-IPI, from the function cllIpi of
https://github.com/clay-good/sophiewell.com/blob/010da285abe336070ffd45a5fb6a42d563d8b6e8/lib/lymphoma-v135.js (MIT); the protocol is
written from http://www.ascopost.com/issues/june-10-2016/international-prognostic-index-for-chronic-lymphocytic-leukemia/."""


def outputs(answers: dict) -> dict:
    weighed = [
        (4, answers["tp53"]),
        (2, answers["ighv"]),
        (2, answers["beta-2-microglobulin"] > 3.5),
        (1, answers["stage"]),
        (1, int(answers["age"]) > 65),
    ]
    return {"score": sum(weight for weight, holds in weighed if holds)}

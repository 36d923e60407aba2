"""HERDOO2, from the function herdoo2 of
https://github.com/clay-good/sophiewell.com/blob/010da285abe336070ffd45a5fb6a42d563d8b6e8/lib/scoring-v4.js (MIT); the protocol is
written from the abstract at https://pubmed.ncbi.nlm.nih.gov/28314711/."""


def outputs(answers: dict) -> dict:
    parts = [answers["leg-signs"], answers["d-dimer"], answers["bmi"] >= 30, answers["age"] >= 65]
    return {"score": sum(map(bool, parts))}

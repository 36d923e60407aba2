# SPDX-License-Identifier: Apache-2.0
"""FIB-4 as in MedCalc-Bench (NCBI): age x AST / (platelets in 10^9/L x square root of ALT).

https://github.com/ncbi-nlp/MedCalc-Bench and PyPI medcalc-bench 1.7.0, medcalc/fibrosis_4.py.
The same in Sterling 2006, doi:10.1002/hep.21178 (abstract), and in the PyPI package clincalc 0.4.0, with which it is compared.
"""

from math import floor, sqrt


def index(answers):
    return answers["age"] * answers["ast"] / (answers["platelets"] * sqrt(answers["alt"]))


def outputs(answers):
    """The tenth that is reached; from 2.67 on it is 2.7, so that the limit shows."""
    value = index(answers)
    return {"fib-4": 2.7 if 2.67 <= value < 2.7 else floor(value * 10 + 1e-9) / 10, "index": value}


def clincalc(answers):
    fields = {id: answers[id] for id in ("ast", "alt", "platelets")}
    return "fib4", {"age": int(answers["age"]), **fields}, "index", 0.01

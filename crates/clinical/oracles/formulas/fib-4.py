"""FIB-4 as in MedCalc-Bench (NCBI): age x AST / (platelets in 10^9/L x square root of ALT).

https://github.com/ncbi-nlp/MedCalc-Bench and PyPI medcalc-bench 1.7.0, medcalc/fibrosis_4.py.
The same in Sterling 2006, doi:10.1002/hep.21178 (abstract).
"""

from math import sqrt


def outputs(answers):
    """The index, neither rounded nor limited."""
    index = answers["age"] * answers["ast"] / (answers["platelets"] * sqrt(answers["alt"]))
    return {"fib-4": index}

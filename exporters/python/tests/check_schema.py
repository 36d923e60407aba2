# SPDX-License-Identifier: Apache-2.0
"""Holds the files of a folder against the schema: python check_schema.py FOLDER."""

import json
import pathlib
import sys

import jsonschema

SCHEMA = pathlib.Path(__file__).parents[2] / "model.schema.json"


def main(folder):
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    files = sorted(pathlib.Path(folder).glob("*.json"))
    wrong = 0
    for file in files:
        for error in validator.iter_errors(json.loads(file.read_text(encoding="utf-8"))):
            wrong += 1
            print(f"{file.name}: {error.json_path}: {error.message[:120]}")
    print(f"{len(files)} files, {wrong} errors")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

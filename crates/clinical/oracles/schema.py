# SPDX-License-Identifier: Apache-2.0
"""Checks every shipped protocol file against protocol.schema.json and its description against description.schema.json.

    schema.py DESCRIPTIONS

DESCRIPTIONS has one description a line. The schemas must also refuse typos.
"""

import copy
import json
import pathlib
import sys
import tomllib

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parent.parent

BROKEN_FILES = (
    lambda p: p["intake"][0].update(stepp=1),
    lambda p: p["output"][0].pop("meaning"),
    lambda p: p["model"]["term"][0].update(points=1, choices={}),
    lambda p: p.update(format=2),
    lambda p: p["protocol"].pop("setting"),
    lambda p: p["output"][0]["meaning"][0].update(figure="1 of 100"),
)
BROKEN_DESCRIPTIONS = (
    lambda d: d["intake"][0].update(stepp=1),
    lambda d: d["output"][0].pop("meaning"),
    lambda d: d.update(model={}),
    lambda d: d.update(format=2),
    lambda d: d["protocol"].pop("setting"),
)


def check(schema, documents, broken):
    schema = json.loads((ROOT / schema).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for name, document in documents.items():
        for error in validator.iter_errors(document):
            sys.exit(f"{name}: {error.json_path}: {error.message}")
        for number, change in enumerate(broken):
            changed = copy.deepcopy(document)
            change(changed)
            if validator.is_valid(changed):
                sys.exit(f"{name}: the schema accepts change {number}")


def main():
    files = {file.name: tomllib.loads(file.read_text()) for file in sorted((ROOT / "protocols").glob("*.toml"))}
    check("protocol.schema.json", files, BROKEN_FILES)
    lines = pathlib.Path(sys.argv[1]).read_text().splitlines()
    descriptions = {description["protocol"]["id"]: description for description in map(json.loads, lines)}
    check("description.schema.json", descriptions, BROKEN_DESCRIPTIONS)
    if len(files) != len(descriptions):
        sys.exit(f"{len(files)} files and {len(descriptions)} descriptions")
    print(f"{len(files)} protocol files and their descriptions fit the schemas")


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Whether Patients can be one person, for reader.py: numbers, birth dates and names."""

import re
import unicodedata

from reader_shapes import listed, objects

NO_NUMBER = re.compile(r"0+|(\d)\1{3,}|x+|unknown|none|na|null|unk|test|123456789|", re.ASCII)


def numbers(patient):
    """The values of identifiers by system; what stands in place of a number is none."""
    found = {}
    for identifier in objects(patient.get("identifier")):
        system, value = identifier.get("system"), identifier.get("value")
        if isinstance(system, str) and isinstance(value, str) and not NO_NUMBER.fullmatch(re.sub(r"[\W_]", "", value).lower()):
            found.setdefault(system, set()).add(value)
    return found


def words(patient, name):
    value = patient.get(name)
    return value.strip().lower() if isinstance(value, str) else None


def differ(one, other, name):
    """Whether both say it, and not the same; a year and a day in it are the same."""
    mine, theirs = words(one, name), words(other, name)
    return bool(mine and theirs) and not (name == "birthDate" and (mine.startswith(theirs) or theirs.startswith(mine))) and mine != theirs


def fit(one, other, with_family):
    """Whether two of their names can be one person's: the given names of one are among the other's, and a word of the family names is the same.

    People change their family name: where an identifier joins them it counts only without given names."""
    mine, theirs = ([(spelt(name.get("family")), spelt(name.get("given"))) for name in objects(patient.get("name"))] for patient in (one, other))

    def fits(name, their_name):
        (family, given), (their_family, their_given) = name, their_name
        families = not family or not their_family or bool(family & their_family)
        if given and their_given:
            return (given <= their_given or their_given <= given) and (families or not with_family)
        return families

    return not mine or not theirs or any(fits(name, their_name) for name in mine for their_name in theirs)


def spelt(parts):
    """Words of names without case and marks."""
    text = unicodedata.normalize("NFKD", " ".join(part for part in listed(parts) if isinstance(part, str)))
    return set("".join(letter for letter in text if not unicodedata.combining(letter)).casefold().split())

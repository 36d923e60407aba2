# SPDX-License-Identifier: Apache-2.0
"""Times and units of reader.py: when something was, and how much."""

import datetime
import re
import unicodedata

TODAY = datetime.date(2026, 11, 23)


MOMENT = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$")


def interval(text):
    """From when to before when a dateTime of FHIR may be, in UTC; None if it is none."""
    match = MOMENT.match(text)
    if not match:
        return None
    year, month, day, hour, minute, second, _, zone = match.groups()
    try:
        start = datetime.datetime(int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0))
        if hour:
            if zone and zone != "Z":
                sign = -1 if zone[0] == "+" else 1
                start += sign * datetime.timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
            return start, start + datetime.timedelta(seconds=1)
        if day:
            return start, start + datetime.timedelta(days=1)
        if month:
            return start, start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
        return start, start.replace(year=start.year + 1)
    except (ValueError, OverflowError):
        return None


def clock(text):
    """The same by the clock of where it was written, without the offset."""
    return interval(re.sub(r"(Z|[+-]\d\d:\d\d)$", "", text) if "T" in text else text)


def after(one, other):
    return one[0] >= other[1]


def over(text):
    """Whether a time has surely passed; None if it can't be read."""
    when = interval(text) if isinstance(text, str) else None
    return when and when[1] <= datetime.datetime.combine(TODAY, datetime.time())


# What each unit measures, and how many of the dimension's own unit it is.
UNITS = {
    "g/L": ("mass/volume", 1.0), "mg/dL": ("mass/volume", 0.01), "mg/L": ("mass/volume", 0.001), "g/dL": ("mass/volume", 10.0),
    "mol/L": ("amount/volume", 1.0), "mmol/L": ("amount/volume", 1e-3), "umol/L": ("amount/volume", 1e-6),
    "m": ("length", 1.0), "cm": ("length", 0.01), "mm": ("length", 0.001), "[in_i]": ("length", 0.0254),
    "kg": ("mass", 1.0), "g": ("mass", 0.001), "[lb_av]": ("mass", 0.45359237),
    "mm[Hg]": ("pressure", 133.322), "kPa": ("pressure", 1000.0),
    "1": ("number", 1.0), "{INR}": ("number", 1.0), "kg/m2": ("mass/area", 1.0), "a": ("time", 1.0)}
SPELLINGS = {
    "mmhg": "mm[Hg]", "mg/dl": "mg/dL", "umol/l": "umol/L", "mmol/l": "mmol/L", "g/l": "g/L", "g/dl": "g/dL", "lbs": "[lb_av]",
    "kg/m2": "kg/m2", "inches": "[in_i]"}
# Grams in a mole, from IUPAC's standard atomic weights: C 12.011, H 1.008, N 14.007, O 15.999.
MOLAR = {
    "creatinine": 4 * 12.011 + 7 * 1.008 + 3 * 14.007 + 15.999,
    "bilirubin": 33 * 12.011 + 36 * 1.008 + 4 * 14.007 + 6 * 15.999,
    "glucose": 6 * 12.011 + 12 * 1.008 + 6 * 15.999}


def unit(text):
    text = unicodedata.normalize("NFKC", text).replace("\u03bc", "u").strip()
    return text if text in UNITS else SPELLINGS.get(text.lower())


def convert(value, one, other, analyte):
    """A value in another unit; None if they measure different things."""
    (dimension, factor), (wanted, size) = UNITS[one], UNITS[other]
    value *= factor
    if dimension != wanted:
        if analyte not in MOLAR or {dimension, wanted} != {"mass/volume", "amount/volume"}:
            return None
        value = value / MOLAR[analyte] if wanted == "amount/volume" else value * MOLAR[analyte]
    return value / size


def reported(part, feature, source):
    """In which unit a measured value stands there, as its size in the wanted one, and half of its last digit."""
    quantity = part["valueQuantity"]
    wanted, number = source.get("unit") or feature["unit"], quantity["value"]
    half = 0.5 if float(number).is_integer() else 0.5 * 10.0 ** -len(repr(number).split(".")[1])
    size = convert(1.0, stands_in(quantity, wanted), wanted, source.get("analyte") or feature.get("analyte"))
    return float(f"{size:.6e}"), half * size


def stands_in(quantity, wanted):
    """The unit of a quantity."""
    # A code without a system is read like a text.
    is_code = quantity.get("code") and quantity.get("system") in (None, "", "http://unitsofmeasure.org")
    stands = quantity.get("code") if is_code else quantity.get("unit")
    if not quantity.get("code") and not quantity.get("unit") and wanted in ("1", "{INR}"):
        # A count or score needs no unit.
        stands = wanted
    return unit(stands) if isinstance(stands, str) else None


def measured(part, feature, source):
    """The value of an observation or a component; None if it can't be used."""
    values = [name for name in part if name.startswith("value")]
    quantity = part.get("valueQuantity")
    if values != ["valueQuantity"] or not isinstance(quantity, dict) or "dataAbsentReason" in part:
        return None
    limits = {name: source[name] for name in LIMITS if name in source}
    comparator = quantity.get("comparator")
    if comparator and (not limits or comparator not in ("<", "<=", ">", ">=")):
        return None
    number = quantity.get("value")
    if not isinstance(number, (int, float)) or isinstance(number, bool):
        return None
    wanted = source.get("unit") or feature["unit"]
    one = stands_in(quantity, wanted)
    value = one and convert(float(number), one, wanted, source.get("analyte") or feature.get("analyte"))
    if value is None:
        return None
    if not limits:
        return value
    low, high = source.get("limits", [0, float("inf")])
    return within(value, comparator, limits) if low <= value <= high else None


LIMITS = ("at-least", "above", "at-most", "below")


def within(value, comparator, limits):
    """Whether all that a value can be lies within limits (True) or outside (False); None if neither."""
    # Many numbers that it can be: the end itself, next to it, and far away.
    step = max(abs(value), 1.0)
    near, far = [step * 1e-6, step * 1e-3, step * 0.1, step, step * 10], [1e12]
    many = {None: [value], "<": [value - d for d in near + far], "<=": [value - d for d in [0.0] + near + far],
            ">": [value + d for d in near + far], ">=": [value + d for d in [0.0] + near + far]}[comparator or None]
    # What lies between an end and a limit that it can reach.
    many += [one for limit in limits.values() for one in (limit, limit - 1e-6, limit + 1e-6)
             if comparator and (one < value if comparator[0] == "<" else one > value)]
    tests = {"at-least": lambda one, end: one >= end - 1e-9 * abs(end), "above": lambda one, end: one > end + 1e-9 * abs(end),
             "at-most": lambda one, end: one <= end + 1e-9 * abs(end), "below": lambda one, end: one < end - 1e-9 * abs(end)}
    found = {all(tests[name](one, end) for name, end in limits.items()) for one in many}
    return found.pop() if len(found) == 1 else None

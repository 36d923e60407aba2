# SPDX-License-Identifier: Apache-2.0
"""Times and units of reader.py: when something was, and how much."""

import datetime
import re
import unicodedata

from reader_codes import Concept

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
        if hour and zone:
            if zone != "Z":
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


class Moment:
    """When something was: in UTC, and by the clock of where it was written (its last moment belongs to it)."""

    def __init__(self, text):
        self.utc, self.ended = interval(text), None
        first, end = interval(re.sub(r"(Z|[+-]\d\d:\d\d)$", "Z", text))
        # A time without an offset is any of its day, as is a day.
        self.is_exact = bool(re.search(r"T.*(Z|[+-]\d\d:\d\d)$", text))
        self.clock = (first, first) if self.is_exact else (first, end - datetime.timedelta(microseconds=1))
        self.exact = (self.utc[0], self.utc[0])

    def until(self, other=None):
        """From it to the other; any time until it, if there is none."""
        start, end = (self, other) if other else (None, self)
        span = object.__new__(Moment)
        span.is_exact = end.is_exact and (not start or start.is_exact)
        span.exact = (start.exact[0] if start else datetime.datetime.min, end.exact[1])
        # How old it is goes by its end.
        span.ended = end.clock[1]
        span.utc = (start.utc[0] if start else datetime.datetime.min, end.utc[1])
        span.clock = (start.clock[0] if start else datetime.datetime.min, end.clock[1])
        return span

    def is_after(self, other):
        """Whether it surely was later."""
        mine, theirs = self.compared(other)
        return mine[0] > theirs[1]

    def is_near(self, other, hours):
        """Whether they are known to lie within so many hours of one another."""
        mine, theirs = self.compared(other)
        return max(mine[1] - theirs[0], theirs[1] - mine[0]) <= datetime.timedelta(hours=hours)

    def is_of_later_day(self, other):
        """Whether it surely is of a later day: by the clock, and if both are told to the moment also in UTC."""
        same = self.is_exact and other.is_exact and self.exact[0].date() <= other.exact[1].date()
        return self.clock[0].date() > other.clock[1].date() and not same

    def compared(self, other):
        """Both across offsets, if both are told to the moment; else by the clock."""
        return (self.exact, other.exact) if self.is_exact and other.is_exact else (self.clock, other.clock)


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
    "/min": ("rate", 1.0), "L/min": ("volume/time", 1.0), "mL/min/{1.73_m2}": ("volume/time", 0.001), "%": ("part", 0.01),
    "mg/g": ("mass/mass", 1.0), "mg/mmol": ("mass/amount", 1000.0), "Cel": ("temperature", 1.0), "[degF]": ("temperature", 5 / 9),
    "1": ("number", 1.0), "{INR}": ("number", 1.0), "{score}": ("number", 1.0), "kg/m2": ("mass/area", 1.0), "a": ("time", 1.0)}
SPELLINGS = {
    "mmhg": "mm[Hg]", "mg/dl": "mg/dL", "umol/l": "umol/L", "mmol/l": "mmol/L", "g/l": "g/L", "g/dl": "g/dL", "lbs": "[lb_av]",
    "kg/m2": "kg/m2", "inches": "[in_i]", "ml/min/1.73m2": "mL/min/{1.73_m2}", "beats/minute": "/min", "breaths/min": "/min", "bpm": "/min", "l/min": "L/min"}
# Where another unit of temperature has its zero.
ZERO = {"[degF]": 32.0}
# Grams in a mole, from IUPAC's standard atomic weights: C 12.011, H 1.008, N 14.007, O 15.999.
MOLAR = {
    "creatinine": 4 * 12.011 + 7 * 1.008 + 3 * 14.007 + 15.999,
    "bilirubin": 33 * 12.011 + 36 * 1.008 + 4 * 14.007 + 6 * 15.999,
    # The same molecule, of which the nitrogen or all of it is weighed.
    "urea": 12.011 + 4 * 1.008 + 2 * 14.007 + 15.999, "urea-nitrogen": 2 * 14.007,
    "glucose": 6 * 12.011 + 12 * 1.008 + 6 * 15.999}


def unit(text):
    text = unicodedata.normalize("NFKC", text).replace("\u03bc", "u").strip()
    return text if text in UNITS else SPELLINGS.get(text.lower())


def convert(value, one, other, analyte):
    """A value in another unit; None if they measure different things."""
    (dimension, factor), (wanted, size) = UNITS[one], UNITS[other]
    value = (value - ZERO.get(one, 0.0)) * factor
    if dimension != wanted:
        # Of a ratio it is the amount below the line that becomes a mass: of creatinine, in grams.
        if analyte == "creatinine" and {dimension, wanted} == {"mass/mass", "mass/amount"}:
            return (value / MOLAR[analyte] if wanted == "mass/mass" else value * MOLAR[analyte]) / size
        if analyte not in MOLAR or {dimension, wanted} != {"mass/volume", "amount/volume"}:
            return None
        value = value / MOLAR[analyte] if wanted == "amount/volume" else value * MOLAR[analyte]
    return value / size + ZERO.get(other, 0.0)


def reported(part, feature, source):
    """In which unit a measured value stands there, as its size in the wanted one, and half of its last digit."""
    quantity = part["valueQuantity"]
    wanted, number = source.get("unit") or feature["unit"], quantity["value"]
    half = 0.5 if float(number).is_integer() else 0.5 * 10.0 ** -len(repr(number).split(".")[1])
    one, analyte = stands_in(quantity, wanted), source.get("analyte") or feature.get("analyte")
    size = convert(1.0, one, wanted, analyte) - convert(0.0, one, wanted, analyte)
    return float(f"{size:.6e}"), half * size


def stands_in(quantity, wanted):
    """The unit of a quantity."""
    # A code without a system is read like a text.
    is_code = quantity.get("code") and quantity.get("system") in (None, "", "http://unitsofmeasure.org")
    stands = quantity.get("code") if is_code else quantity.get("unit")
    if not quantity.get("code") and not quantity.get("unit") and UNITS[wanted][0] == "number":
        # A count or score needs no unit.
        stands = wanted
    return unit(stands) if isinstance(stands, str) else None


def measured(part, feature, source):
    """The value of an observation or a component; None if it can't be used."""
    values = [name for name in part if name.startswith("value")]
    if feature.get("kind") == "choice" or feature.get("kind") == "flag" and not any(name in source for name in LIMITS):
        return chosen(part, feature, values)
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


def chosen(part, feature, values):
    """What an observation says by a code, or by yes or no."""
    if "dataAbsentReason" in part or len(values) != 1:
        return None
    value = part[values[0]]
    if feature["kind"] == "flag":
        return value if values == ["valueBoolean"] and isinstance(value, bool) else None
    if values != ["valueCodeableConcept"] or not isinstance(value, (dict, list)):
        return None
    found = {option["id"]: Concept(value).find(option["codes"]) for option in feature["options"] if option.get("codes")}
    # A code that may be one of an option, of a system that isn't known, says nothing beside one that is.
    ids = [name for name, how in found.items() if how == "match"]
    return ids[0] if len(ids) == 1 else None


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

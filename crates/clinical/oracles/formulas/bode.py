# SPDX-License-Identifier: Apache-2.0
"""The BODE index by the table of Celli 2004 as in Elucenia (JavaScript).

https://github.com/Elucenia/tool-indice-bode/blob/084e1bcd170b06d992b6b75e9ff7c2c0510003a6/documentation/en.md
"""


def points(value, limits):
    """One point for each limit that the value stays below."""
    return sum(value < limit for limit in limits)


def outputs(answers):
    """The score; body mass index counts up to 21 inclusive."""
    grade = int(answers["breathlessness"].removeprefix("grade-"))
    score = points(answers["fev1"], (65, 50, 36)) + points(answers["walk"], (350, 250, 150))
    return {"score": score + max(0, grade - 1) + (answers["bmi"] <= 21)}

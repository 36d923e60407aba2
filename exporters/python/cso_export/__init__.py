# SPDX-License-Identifier: Apache-2.0
"""Trained models as plain JSON for `cso model import`.

`export` writes a file and checks it against the library that made the model; `evaluate` computes
what a file says. docs/exporters.md describes the format.
"""

__version__ = "0.1.0"

from .errors import ExportError
from .evaluate import evaluate
from .writer import export

__all__ = ["ExportError", "evaluate", "export"]

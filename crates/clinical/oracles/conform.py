# SPDX-License-Identifier: Apache-2.0
"""The part of conform.js that is in Python: one FHIR R4 resource a line in, one list of problems a line out."""

import json
import sys

import fhirkit

for line in sys.stdin:
    print(json.dumps([str(issue) for issue in fhirkit.validate(json.loads(line))]))

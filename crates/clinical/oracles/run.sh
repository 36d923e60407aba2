#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares this crate with programs that we did not write. Makes a virtual environment for them
# (in $CSO_ORACLES, default ~/.cache/cso/oracles), then runs the tests that are ignored otherwise.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=${CSO_ORACLES:-$HOME/.cache/cso/oracles}
stamp=$venv/requirements.txt

if ! cmp -s "$here/requirements.txt" "$stamp"; then
    echo "installing the oracles into $venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$stamp"
fi

"$venv/bin/python" "$here/schema.py"
export CSO_ORACLE_PYTHON=$venv/bin/python
cd "$here/../../.."
SKIP_WASM_BUILD=1 cargo test --release -p cso-clinical --test oracles --test model_files -- --ignored --nocapture

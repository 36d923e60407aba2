#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests the exporters with each library for real, and holds every file that they write against the schema:
# exporters/test.sh [FOLDER]
#
# The files stay in FOLDER, for `CSO_EXPORTED=FOLDER cargo test -p cso-model-files --test exported`, which reads each of
# them and refuses those that don't give the library's answers. R and concrete-ml are tested where they are: Debian's
# r-cran-* packages, and CSO_CONCRETE=yes for an environment of 2 GB.
set -euo pipefail
cd "$(dirname "$0")"

cache=${CSO_ORACLES:-${XDG_CACHE_HOME:-$HOME/.cache}/cso/exporters}
kept=${1:-$(mktemp -d)}
mkdir -p "$cache" "$kept"
kept=$(cd "$kept" && pwd)
rm -f "$kept"/*.json

# environment NAME REQUIREMENTS: makes it if it isn't there or the versions have changed.
environment() {
    local place=$cache/$1 versions=python/$2
    if ! cmp -s "$versions" "$place/versions"; then
        rm -rf "$place"
        python3 -m venv "$place"
        "$place/bin/pip" --quiet install --requirement "$versions"
        cp "$versions" "$place/versions"
    fi
    # The package as users install it.
    "$place/bin/pip" --quiet install --force-reinstall --no-deps ./python
    rm -rf python/build python/*.egg-info
}

environment python requirements-test.txt
(cd python/tests && CSO_EXPORTED=$kept "$cache/python/bin/python" -W ignore -m unittest)

if [ "${CSO_CONCRETE:-}" = yes ]; then
    environment concrete requirements-concrete.txt
    (cd python/tests && CSO_EXPORTED=$kept "$cache/concrete/bin/python" -W ignore -m unittest test_concrete)
fi

if Rscript -e 'for (p in c("jsonlite", "survival", "rpart", "ranger", "gbm")) library(p, character.only = TRUE)' >/dev/null 2>&1; then
    mkdir -p "$cache/r"
    R CMD INSTALL --library="$cache/r" r >/dev/null 2>&1
    R_LIBS=$cache/r CSO_EXPORTED=$kept Rscript r/tests/test.R
else
    echo "exporters: R with jsonlite, survival, rpart, ranger and gbm isn't here: not tested" >&2
fi

"$cache/python/bin/python" python/tests/check_schema.py "$kept"

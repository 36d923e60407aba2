#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares our code with programs and records that we did not write: installs what requirements.txt
# and package.json name, then runs the tests that are ignored otherwise. Arguments go to nextest:
#
#   crates/clinical/oracles/run.sh [-p cso-clinical]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cso
key=$(cat "$here/requirements.txt" "$here/package.json" <(python3 --version) | sha256sum | cut -c1-16)
oracles=$cache/oracles-$key

# Complete or not there: built beside and renamed, under a lock, so that runs can meet.
mkdir -p "$cache"
exec 9>"$cache/oracles.lock"
flock 9
if [ ! -d "$oracles" ]; then
    printf 'oracles: installing into %s\n' "$oracles" >&2
    rm -rf "$oracles.part"
    python3 -m venv "$oracles.part"
    "$oracles.part/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: -r "$here/requirements.txt"
    cp "$here/package.json" "$oracles.part/"
    npm install --prefix "$oracles.part" --ignore-scripts --no-audit --no-fund --loglevel=error
    # Guides name packages that they build on, which aren't on the registry: only they are unpacked.
    jq -r '.guides[]' "$here/package.json" | while read -r guide; do
        folder=$oracles.part/node_modules/${guide%@*}
        mkdir -p "$folder"
        (cd "$oracles.part" && npm pack --silent "$guide" | xargs -I{} tar -xzf {} -C "$folder" --strip-components 1)
    done
    mv "$oracles.part" "$oracles"
fi
exec 9>&-

export CSO_ORACLE_PYTHON=$oracles/bin/python CSO_ORACLE_NODE=$oracles/node_modules
cd "$here/../../.."
[ $# -gt 0 ] || set -- --package cso-clinical
exec cargo nextest run --release --run-ignored only --success-output final "$@"

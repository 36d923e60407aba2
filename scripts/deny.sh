#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks what the dependencies are by deny.toml: licences, bans, sources, and known holes where the database of
# advisories can be had. CSO_ADVISORY_DB=FOLDER takes a clone of it that lies there already.
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.20.2
tools="${XDG_CACHE_HOME:-$HOME/.cache}/cso/tools"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

PATH="$tools/bin:$PATH"
if ! cargo deny --version 2>/dev/null | grep -q " ${version%.*}\."; then
    echo "deny: installing cargo-deny $version (some minutes, once)" >&2
    CARGO_TARGET_DIR="$work/target" cargo install --quiet --locked --version "$version" --root "$tools" cargo-deny
fi
# subxt and two more write `GPL-3.0` for an alternative that we don't choose: no SPDX name any more, and no matter.
check() { cargo deny --locked check --hide-inclusion-graph --allow parse-error "$@"; }

check licenses bans sources

# Only the node may link what is under the GPL: Substrate's client.
if cargo tree --locked --workspace --exclude cso-node --all-features --edges normal,build --prefix none --format '{p} is under {l}' |
    grep -E ' is under GPL-3.0-(only|or-later)' | sort -u >&2; then
    echo "deny: something beside the node links these; cargo tree --workspace --exclude cso-node -i NAME shows it" >&2
    exit 1
fi

# cargo-deny fetches from GitHub by git, which can be told to take a folder instead.
if [ -n "${CSO_ADVISORY_DB:-}" ]; then
    export GIT_CONFIG_COUNT=1
    export GIT_CONFIG_KEY_0="url.file://$(realpath "$CSO_ADVISORY_DB").insteadOf"
    export GIT_CONFIG_VALUE_0=https://github.com/RustSec/advisory-db
fi
if cargo deny fetch db >"$work/log" 2>&1; then
    check advisories
else
    grep -m 1 -iE "fatal|error" "$work/log" >&2 || true
    echo "deny: ADVISORIES WERE NOT CHECKED: the database can't be reached. Set CSO_ADVISORY_DB to a clone of it" >&2
fi

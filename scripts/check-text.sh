#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Looks at what the compiler and rustfmt don't: scripts/check-text.sh [--spelling | --no-spelling]
#
# - comments of Rust files are at most 100 columns wide, but for tables (|), addresses and drawings;
# - source files name their licence;
# - no white space at the end of a line, and a line end at the end of each file;
# - no misspellings (typos.toml), if the program for that is there or can be installed.
set -euo pipefail
cd "$(dirname "$0")/.."

# Columns are characters, not bytes.
export LC_ALL=C.UTF-8
typos_version=1.52.0

# Tracked files and new ones that git doesn't ignore, but for what others wrote: records, models, corpora, licences.
files() {
    git ls-files -z --cached --others --exclude-standard -- "$@" \
        ':!:*/fuzz/corpus/*' ':!:*/tests/data/*' ':!:tests/data/*' ':!:*LICENSE' ':!:Cargo.lock' |
        xargs -0 -r ls -d 2>/dev/null || true
}

failed=
# check TEXT COMMAND...: fails if the command finds anything, and says what it means.
check() {
    local text=$1 found
    shift
    found="$("$@" || true)"
    [ -n "$found" ] || return 0
    printf '%s\n' "$found" | sed "s|\$|: $text|" >&2
    failed=yes
}

long_comments() {
    files '*.rs' | xargs grep -HnE '^.{101,}$' | grep -P '^[^:]+:\d+:\s*//' |
        grep -vP '\||https?:|[\x{2500}-\x{25ff}]' | cut -d: -f1,2
}
unlicensed() { files '*.rs' '*.py' '*.js' '*.sh' .ci/run | xargs grep -LE '^(//|#) SPDX-License-Identifier: '; }
trailing_space() { files | xargs grep -HnIE '[[:blank:]]$' | cut -d: -f1,2; }
open_ends() { files | xargs grep -LzP '\n\z'; }

if [ "${1:-}" != --spelling ]; then
    check "comment over 100 columns" long_comments
    check "no SPDX line" unlicensed
    check "white space at the end of the line" trailing_space
    check "no line end at the end" open_ends
fi

if [ "${1:-}" != --no-spelling ]; then
    tools="${XDG_CACHE_HOME:-$HOME/.cache}/cso/tools/typos-$typos_version"
    if [ ! -x "$tools/bin/typos" ]; then
        echo "check-text: installing typos $typos_version" >&2
        { python3 -m venv "$tools" && "$tools/bin/pip" --quiet install "typos==$typos_version"; } || rm -rf "$tools"
    fi
    if [ -x "$tools/bin/typos" ]; then
        "$tools/bin/typos" --format brief >&2 || failed=yes
    else
        echo "check-text: typos can't be installed here, spelling was not looked at" >&2
    fi
fi

[ -z "$failed" ] || exit 1

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes every parser for a while: scripts/fuzz.sh [seconds a target, 60] [target...]
#
# Needs a nightly compiler and cargo-fuzz, which it installs if missing. New inputs go to a scratch corpus, so the seed corpus in the
# repository stays as it is; a crash is left in crates/fhe/fuzz/artifacts and makes the script fail.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(record loader answer program)

if ! rustup toolchain list | grep -q '^nightly'; then
    rustup toolchain install nightly --profile minimal
fi
if ! cargo fuzz --version >/dev/null 2>&1; then
    cargo install cargo-fuzz --locked
fi

cache=${XDG_CACHE_HOME:-$HOME/.cache}/cso
export CARGO_TARGET_DIR=$cache/fuzz
cd crates/fhe
for target in "${targets[@]}"; do
    scratch=$cache/fuzz-corpus/$target
    mkdir -p "$scratch"
    echo "fuzzing $target for $seconds s"
    cargo +nightly fuzz run --sanitizer none --no-trace-compares "$target" "$scratch" "fuzz/corpus/$target" -- \
        -max_total_time="$seconds" -rss_limit_mb=4096 -max_len=16384
done
echo "fuzzed ${#targets[@]} targets: no crash"

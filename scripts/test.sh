#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sets everything up and passes every check, then says how long each took beside its budget.
# `scripts/test.sh NAME...` runs only the tests whose names contain NAME.
#
# Budgets are for a cold start on two otherwise idle cores, an hour in all; a step that takes longer is marked, not
# failed, since machines differ. What doesn't fit goes into scripts/nightly.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
begin=$SECONDS
./scripts/setup.sh --tests
. scripts/env.sh

# Cold, in seconds: name, budget.
times=()
# step BUDGET NAME COMMAND...
step() {
    local budget=$1 name=$2 start=$SECONDS
    shift 2
    printf '\n== %s\n' "$name"
    "$@"
    local took=$((SECONDS - start)) mark=
    [ $took -le "$budget" ] || mark='  over its budget'
    times+=("$(printf '%6d s of %4d  %s%s' $took "$budget" "$name" "$mark")")
    printf '== done in %d s\n' $took
}

if [ $# -gt 0 ]; then
    cargo build --locked --release --workspace --bins
    exec cargo nextest run --locked --release --workspace "$@"
fi

# What README's first command builds is a part of what was built: else a newcomer, or CI, compiles twice.
nothing_is_built_twice() {
    local built
    built="$(cargo build --locked --release --workspace --bins --message-format json 2>/dev/null |
        jq -r 'select(.reason == "compiler-artifact" and .fresh == false) | .target.name' | sort -u)"
    [ -z "$built" ] || {
        printf 'test: run.sh would compile again: %s\n' "$built" >&2
        return 1
    }
}

# The pallets and the runtime with what releases and operators need; without Wasm, which is the same code.
optional_features() {
    local feature
    for feature in runtime-benchmarks try-runtime; do
        SKIP_WASM_BUILD=1 cargo check --quiet --locked --release --features "$feature" \
            -p pallet-consultations -p pallet-experts -p pallet-validators -p cso-runtime
    done
}

step 10 "text" ./scripts/check-text.sh
step 10 "format" cargo fmt --all --check
# Node and wallet first: the end-to-end tests run the real programs.
step 1500 "build" cargo build --locked --release --workspace --all-targets
step 20 "nothing is built twice" nothing_is_built_twice
step 400 "tests" cargo nextest run --locked --release --workspace --no-fail-fast
step 480 "oracles" ./crates/clinical/oracles/run.sh --locked --workspace --no-fail-fast
step 120 "examples in the docs" cargo test --quiet --locked --release --workspace --doc
step 540 "clippy" cargo clippy --quiet --locked --release --workspace --all-targets -- -D warnings
step 180 "optional features" optional_features
step 180 "the patient's side for a browser" ./scripts/browser.sh
# Module docs may link to private items: they orient who reads the source.
step 60 "docs" env RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" \
    cargo doc --quiet --locked --release --workspace --no-deps

printf '\n== times\n'
printf '%s\n' "${times[@]}"
printf '%6d s of 3600  all\n' $((SECONDS - begin))

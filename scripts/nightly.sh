#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What is too long for every change: dependencies, benchmarks as tests, the comparison with tfhe-rs integers, repeated
# tests, interleavings of the wallet's commands, random records against the second reader, kills of real wallets, fuzzing.
# scripts/nightly.sh [seconds a fuzz target, 300]
set -euo pipefail
cd "$(dirname "$0")/.."
fuzz_seconds=${1:-300}
./scripts/setup.sh --tests
. scripts/env.sh

times=()
# step NAME COMMAND...
step() {
    local name=$1 start=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    "$@"
    times+=("$(printf '%6d s  %s' $((SECONDS - start)) "$name")")
}

benchmarks() {
    SKIP_WASM_BUILD=1 cargo nextest run --locked --release --features runtime-benchmarks \
        -p pallet-consultations -p pallet-experts -p pallet-validators
}
peers() {
    cargo clippy --quiet --locked --release -p cso-bench -p cso-wallet --features cso-wallet/peers --all-targets -- -D warnings
    cargo run --quiet --locked --release -p cso-wallet --features peers -- bench
}
# Some 250 000 events: commands at once, kills, forks, lost replies.
interleavings() {
    CSO_INTERLEAVING_CASES=1000 cargo nextest run --locked --release --workspace -E 'binary(interleaving)'
}
# Some 4 million answers of records that no other night has seen; the test prints its seed.
random_records() {
    CSO_RANDOM_RECORDS=150000 CSO_RANDOM_SEED=$(date +%Y%m%d) \
        ./crates/clinical/oracles/run.sh --locked -p cso-clinical -E 'binary(random_records)'
}
# A test that fails once in a while fails here.
repeated() { cargo nextest run --locked --release --workspace --stress-count 5 -E 'not package(cso-tests)'; }

# Default models of every library on every data set, encrypted too.
default_models() {
    CSO_DEFAULTS=all ./crates/clinical/oracles/run.sh --locked -p cso-clinical -E 'binary(defaults)' --no-capture
}

step "dependencies" ./scripts/deny.sh
step "benchmarks of the pallets, as tests" benchmarks
step "bench with its peers" peers
step "tests, five times" repeated
step "interleavings" interleavings
step "random records" random_records
step "default models" default_models
step "exporters" ./exporters/test.sh
step "kills" ./scripts/kills.sh
step "other platforms" ./scripts/platforms.sh
step "fuzzing" ./scripts/fuzz.sh "$fuzz_seconds"

printf '\n== times\n'
printf '%s\n' "${times[@]}"

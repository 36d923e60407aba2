#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sets everything up and passes every check: format, build, clippy, tests, docs.
# `scripts/test.sh NAME...` runs only the tests whose names contain NAME.
set -euo pipefail
cd "$(dirname "$0")/.."
./scripts/setup.sh --tests
. scripts/env.sh

step() {
    local start=$SECONDS
    printf '\n== %s\n' "$1"
    shift
    "$@"
    printf '== done in %d s\n' $((SECONDS - start))
}

if [ $# -gt 0 ]; then
    cargo build --release --workspace --bins
    exec cargo nextest run --release --workspace "$@"
fi

step "format" cargo fmt --all --check
# Node and wallet first: the end-to-end tests run the real binaries.
step "build" cargo build --release --workspace --all-targets
step "tests" cargo nextest run --release --workspace --no-fail-fast
step "oracles" ./crates/clinical/oracles/run.sh --workspace --no-fail-fast
step "examples in the docs" cargo test --quiet --release --workspace --doc
step "clippy" cargo clippy --quiet --release --workspace --all-targets -- -D warnings
# Module docs may link to private items: they orient who reads the source.
step "docs" env RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" cargo doc --quiet --release --workspace --no-deps

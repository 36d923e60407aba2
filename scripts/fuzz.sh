#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes the parsers of records, answers, programs, protocols, models, cases and FHIR for a while:
# scripts/fuzz.sh [seconds a target, 60] [target...]
#
# New inputs go to a scratch corpus, so the seed corpora in the repository stay as they are; a crash is left in the crate's
# fuzz/artifacts and makes the script fail.
set -euo pipefail
cd "$(dirname "$0")/.."

# crate and target
all=(
    fhe/record fhe/loader fhe/answer fhe/program
    clinical/protocol clinical/description clinical/bundle clinical/draft
    model-files/model model-files/cases
)

seconds=${1:-60}
shift || true
wanted=("$@")
[ ${#wanted[@]} -gt 0 ] || wanted=("${all[@]##*/}")

./scripts/setup.sh
if ! cargo fuzz --version >/dev/null 2>&1; then
    cargo install --quiet --locked cargo-fuzz
fi

# Coverage counters are an unstable option of the compiler; this unlocks them without a second toolchain.
export RUSTC_BOOTSTRAP=1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cso
export CARGO_TARGET_DIR=$cache/fuzz

for target in "${wanted[@]}"; do
    crate=
    for known in "${all[@]}"; do
        [ "${known##*/}" != "$target" ] || crate=${known%%/*}
    done
    if [ -z "$crate" ]; then
        echo "fuzz: no target $target; there are: ${all[*]##*/}" >&2
        exit 1
    fi
    scratch=$cache/fuzz-corpus/$target
    mkdir -p "$scratch"
    echo "fuzzing $target for $seconds s"
    case $target in
        protocol) seeds=(fuzz/corpus/protocol protocols) ;;
        cases) seeds=(fuzz/corpus/cases tests/data) ;;
        draft) seeds=(../model-files/fuzz/corpus/model) ;;
        *) seeds=("fuzz/corpus/$target") ;;
    esac
    # No sanitizer: what is fuzzed is safe Rust, and panics are what is looked for.
    (
        cd "crates/$crate"
        cargo fuzz run --sanitizer none --no-trace-compares "$target" "$scratch" "${seeds[@]}" -- \
            -max_total_time="$seconds" -rss_limit_mb=4096 -max_len=16384 -timeout=20 -print_final_stats=1
    )
done
echo "fuzzed ${#wanted[@]} targets: no crash"

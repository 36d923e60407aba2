#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Kills real wallets at named points of consultations, on one real node, and looks at the chain: nothing is lost, and
# nothing is paid twice. Some minutes. Points on the disk are reached with strace, so ptrace has to be allowed.
set -euo pipefail
cd "$(dirname "$0")/.."
./scripts/setup.sh --kills
. scripts/env.sh
cargo build --quiet --locked --release --workspace --bins
exec cargo nextest run --locked --release --workspace --profile kills --no-capture "$@"

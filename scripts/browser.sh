#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks that the patient's side compiles for a browser: crates/client without sockets, files and threads.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

target=wasm32-unknown-unknown
check=(check --quiet --locked --release -p cso-client --no-default-features --target "$target")
if rustup target list --installed | grep -qx "$target" || rustup target add "$target" 2>/dev/null; then
    exec cargo "${check[@]}"
fi

# Where rustup's server can't be reached: Debian's compiler, which setup.sh linked, builds the standard library on the fly.
echo "browser: building the standard library for $target from Debian's sources" >&2
exec env RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc rustup run cso-wasm cargo "${check[@]}" -Zbuild-std=std,panic_abort

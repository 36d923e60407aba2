#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what building, running and (with `--tests`) testing need: Debian packages, the Wasm target, cargo-nextest;
# with `--kills` also what scripts/kills.sh needs.
# Idempotent: does nothing, in under a second, where everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }
as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

install_packages() {
    local missing=() package
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    command -v apt-get >/dev/null || die "please install the equivalents of: ${missing[*]}"
    say "installing Debian packages: ${missing[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

require_rust() {
    command -v rustup >/dev/null && command -v cargo >/dev/null || die "please install Rust with rustup: https://rustup.rs"
    local wanted have
    wanted="$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)"
    have="$(rustc --version | cut -d' ' -f2)"
    [ "$(printf '%s\n%s\n' "$wanted" "$have" | sort -V | head -n 1)" = "$wanted" ] \
        || die "rustc $have is too old, $wanted is needed: rustup update stable"
}

# A program that replaces its output file, run as root with -o /dev/null, leaves a plain file there. Then what one
# command throws away is the next one's input, and cargo remembers that rustc failed.
require_null_device() {
    if [ ! -c /dev/null ]; then
        say "/dev/null is no device any more: making it again"
        as_root rm -f /dev/null
        as_root mknod -m 666 /dev/null c 1 3
    fi
    local remembered="${CARGO_TARGET_DIR:-target}/.rustc_info.json"
    if [ -f "$remembered" ] && grep -q '"success":false' "$remembered"; then rm -f "$remembered"; fi
}

# The runtime is built for wasm32v1-none. Where rustup's server cannot be reached, Debian's compiler
# and library sources (one version, so that they match) make the same libraries.
require_wasm_target() {
    rustup target list --installed | grep -qx wasm32v1-none && return
    local libraries=/usr/lib/rustlib/wasm32v1-none/lib
    if compgen -G "$libraries/libcore-*.rlib" >/dev/null && rustup toolchain list | grep -q '^cso-wasm'; then
        return
    fi
    rustup target add wasm32v1-none 2>/dev/null && return

    say "rustup cannot fetch the Wasm target: building it from Debian's sources"
    install_packages rustc-web rust-web-src
    rustup toolchain link cso-wasm /usr
    local build
    build="$(mktemp -d)"
    mkdir -p "$build/src"
    printf '#![no_std]\n' >"$build/src/lib.rs"
    printf '[package]\nname = "sysroot"\nedition = "2021"\n\n[profile.release]\npanic = "abort"\n' >"$build/Cargo.toml"
    # Linking the empty crate may fail for want of a linker; the libraries are built by then.
    (cd "$build" && env -u WASM_BUILD_TOOLCHAIN CARGO_TARGET_DIR="$build/target" RUSTFLAGS=-Cembed-bitcode=yes \
        RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc rustup run cso-wasm \
        cargo build --quiet --release --target wasm32v1-none -Zbuild-std=core,alloc) || true
    as_root mkdir -p "$libraries"
    as_root cp "$build"/target/wasm32v1-none/release/deps/lib{core,alloc,compiler_builtins}-*.rlib "$libraries/"
    rm -rf "$build"
    # What the old libraries built does not link with the new ones.
    rm -rf "${CARGO_TARGET_DIR:-target}"/*/wbuild
}

require_null_device
require_rust
install_packages build-essential pkg-config protobuf-compiler clang lld libssl-dev curl jq
require_wasm_target
rustup component list --installed 2>/dev/null | grep -q '^clippy' || rustup component add clippy rustfmt
[ "${1:-}" != --kills ] || install_packages strace
if [ "${1:-}" = --tests ] || [ "${1:-}" = --kills ]; then
    # For the programs that ours are compared with.
    install_packages python3-venv
    command -v npm >/dev/null || install_packages npm
    # PMML is written and evaluated by Java programs that their Python packages carry.
    command -v java >/dev/null || install_packages default-jre-headless
    if ! cargo nextest --version >/dev/null 2>&1; then
        say "installing cargo-nextest"
        cargo install --quiet --locked cargo-nextest
    fi
fi
say "ready"

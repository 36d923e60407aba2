# SPDX-License-Identifier: Apache-2.0
# The environment that every cargo command of this project shares, with the programs on the PATH. Source it:
# `. scripts/env.sh`.
#
# Changing WASM_BUILD_TOOLCHAIN rebuilds the runtime, and changing OPENSSL_NO_VENDOR the crates above OpenSSL, so both
# are set here and nowhere else.

CSO_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]:-$0}")/.." && pwd)"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$CSO_ROOT/target}"

cso_to_path() {
    case ":$PATH:" in
        *":$1:"*) ;;
        *) [ ! -d "$1" ] && [ "${2:-}" != always ] || export PATH="$PATH:$1" ;;
    esac
}
# cso and cso-node, once they are built.
cso_to_path "$CARGO_TARGET_DIR/release" always
# rustup's own linker for Wasm; Debian's compiler, which builds the runtime where rustup cannot
# fetch the Wasm target, has none.
cso_to_path "$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin"
unset -f cso_to_path

# The toolchain that scripts/setup.sh linked because rustup could not add the Wasm target.
if ! rustup target list --installed 2>/dev/null | grep -qx wasm32v1-none; then
    export WASM_BUILD_TOOLCHAIN=cso-wasm
fi

# The SDK's WebRTC links OpenSSL and would compile it, three minutes of one core; the system's does as well.
if pkg-config --exists 'openssl >= 3' 2>/dev/null; then
    export OPENSSL_NO_VENDOR=1
fi

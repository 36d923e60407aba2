# The environment that every cargo command of this project shares. Source it: `. scripts/env.sh`.
#
# Changing WASM_BUILD_TOOLCHAIN rebuilds the runtime, so it is set here and nowhere else.

CSO_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]:-$0}")/.." && pwd)"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$CSO_ROOT/target}"

# rustup's own linker for Wasm; Debian's compiler, which builds the runtime where rustup cannot
# fetch the Wasm target, has none.
cso_rust_lld="$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin"
case ":$PATH:" in
    *":$cso_rust_lld:"*) ;;
    *) [ -x "$cso_rust_lld/rust-lld" ] && export PATH="$PATH:$cso_rust_lld" ;;
esac
unset cso_rust_lld

# The toolchain that scripts/setup.sh linked because rustup could not add the Wasm target.
if ! rustup target list --installed 2>/dev/null | grep -qx wasm32v1-none; then
    export WASM_BUILD_TOOLCHAIN=cso-wasm
fi

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks that the wallet compiles for Windows and macOS, as far as that can be seen from Linux: nothing is linked or
# run. The C in ring and blake3 is compiled by mingw and by zig, which brings macOS' headers.
set -euo pipefail
cd "$(dirname "$0")/.."
zig_version=0.17.1
tools="$HOME/.cache/cso/tools/zig-$zig_version"
export CARGO_TARGET_DIR="$HOME/.cache/cso/platforms"

command -v x86_64-w64-mingw32-gcc >/dev/null || {
    echo "platforms: installing gcc-mingw-w64-x86-64" >&2
    as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }
    as_root apt-get install -y -qq --no-install-recommends gcc-mingw-w64-x86-64 >/dev/null
}
if [ ! -x "$tools/bin/python" ]; then
    python3 -m venv "$tools" && "$tools/bin/pip" --quiet install "ziglang==$zig_version" || { rm -rf "$tools"; exit 1; }
fi
# What cc-rs tells clang of macOS, zig says in its own words.
cat >"$tools/cc" <<END
#!/usr/bin/env bash
arguments=()
for argument in "\$@"; do
    case "\$argument" in
        --target=*|-mmacosx-version-min=*|-gfull) ;;
        *) arguments+=("\$argument") ;;
    esac
done
exec "$tools/bin/python" -m ziglang cc -target aarch64-macos "\${arguments[@]}"
END
printf '#!/usr/bin/env bash\nexec "%s" -m ziglang ar "$@"\n' "$tools/bin/python" >"$tools/ar"
chmod +x "$tools/cc" "$tools/ar"
export CC_aarch64_apple_darwin="$tools/cc" AR_aarch64_apple_darwin="$tools/ar"

for target in x86_64-pc-windows-gnu aarch64-apple-darwin; do
    rustup target add "$target" 2>/dev/null
    echo "platforms: $target" >&2
    cargo check --quiet --locked -p cso-wallet --target "$target"
done

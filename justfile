# Short names for what scripts/ and cargo do. `just` alone lists them; https://just.systems

set shell := ["bash", "-euo", "pipefail", "-c"]

_list:
    @{{ just_executable() }} --list --unsorted

# Install what building and testing need
setup:
    ./scripts/setup.sh --tests

# One consultation to the end: cha2ds2-vasc (default) or findrisc
run protocol="cha2ds2-vasc":
    ./scripts/run.sh {{ protocol }}

# Every check, or the tests whose names contain one of the words
test *names:
    ./scripts/test.sh {{ names }}

# Format, text and clippy, without running anything
check: text
    . scripts/env.sh && cargo fmt --all --check
    . scripts/env.sh && cargo clippy --quiet --release --locked --workspace --all-targets -- -D warnings

# Format the code
fmt:
    cargo fmt --all

# Width of comments, licence lines, white space, spelling
text:
    ./scripts/check-text.sh

# Spelling alone
typos:
    ./scripts/check-text.sh --spelling

# Licences, sources and advisories of dependencies
deny:
    ./scripts/deny.sh

# Fuzz what has a target, or some of it: `just fuzz 600 record model`
fuzz seconds="60" *targets:
    ./scripts/fuzz.sh {{ seconds }} {{ targets }}

# The crates' documentation
docs:
    . scripts/env.sh && cargo doc --release --locked --workspace --no-deps

# What is too long for every change
nightly:
    ./scripts/nightly.sh

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The main job, from an empty clone to a second opinion: sets up, builds, starts a development chain
# with the expert's evaluator in the same process, and plays expert, board and patient with the real
# wallet. Everything lives in a temporary folder; the node is stopped at the end.
#
#   ./scripts/run.sh [PROTOCOL]      cha2ds2-vasc (default) or findrisc
set -euo pipefail
cd "$(dirname "$0")/.."
protocol="${1:-cha2ds2-vasc}"
protocols=crates/clinical/protocols
bundle=tests/data/bundle-anna.json
# What Anna answers herself: what her history doesn't say for certain.
answers=tests/data/answers-anna-$protocol.json
case $protocol in
    cha2ds2-vasc | findrisc) ;;
    *)
        printf 'run: no protocol %s here; choose cha2ds2-vasc or findrisc\n' "$protocol" >&2
        exit 2
        ;;
esac

./scripts/setup.sh
. scripts/env.sh
printf '\n== build (the first time takes about 21 minutes on 2 idle cores)\n'
cargo build --locked --release --workspace --bins
node="$CARGO_TARGET_DIR/release/cso-node"

work="$(mktemp -d "${TMPDIR:-/tmp}/cso-run.XXXXXX")"
node_pid=
finish() {
    local code=$?
    if [ $code -ne 0 ] && [ -f "$work/node.log" ]; then
        printf '\nrun: failed. Last lines of the node'"'"'s log:\n' >&2
        tail -n 15 "$work/node.log" >&2
    fi
    if [ -n "$node_pid" ] && kill "$node_pid" 2>/dev/null; then wait "$node_pid" || true; fi
    rm -rf "$work"
    exit $code
}
trap finish EXIT

# One wallet file an actor. The passphrase is fresh and lives in this process' environment only.
CSO_PASSPHRASE="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
export CSO_PASSPHRASE
cso() {
    local actor=$1
    shift
    CSO_WALLET="$work/$actor.age" "$CARGO_TARGET_DIR/release/cso" "$@"
}

steps=()
# Milliseconds of processor time that this shell's commands have taken; no subshell, which would have its own.
processor_ms() {
    times >"$work/times"
    ms="$(sed -n 2p "$work/times" | tr 'ms' '  ' | awk '{ printf "%d", 1000 * (60 * $1 + $2 + 60 * $3 + $4) }')"
}
# timed LABEL FILE COMMAND...: runs the command, keeps its JSON in FILE, notes how long it took.
timed() {
    local label=$1 file=$2 start
    shift 2
    start=$(date +%s%N)
    "$@" >"$file"
    local ms=$((($(date +%s%N) - start) / 1000000))
    steps+=("$(printf '%6d ms  %s' "$ms" "$label")")
    printf '   %s (%d ms)\n' "$label" "$ms"
}
rpc() { curl -sf -H 'Content-Type: application/json' -d "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"$1\",\"params\":$2}" "${CSO_URL/ws:/http:}" | jq .result; }
# Keys that the pallet `Consultations` has in the chain's state: its prefix is twox128("Consultations").
consultation_keys() { rpc state_getKeysPaged '["0xb354286f03567e6194a4fd065ca37450",1000]' | jq length; }

printf '\n== the node: validator and expert'"'"'s evaluator in one process\n'
cso expert expert init --dir "$work/expert" --json >"$work/init.json"
"$node" --dev --base-path "$work/node" --rpc-port 0 --listen-addr /ip4/127.0.0.1/tcp/0 --no-mdns --no-prometheus \
    --expert-dir "$work/expert" >"$work/node.log" 2>&1 &
node_pid=$!
# A loaded machine has taken half a minute.
for _ in $(seq 600); do
    address="$(sed -n 's/.*Running JSON-RPC server: addr=\(127[0-9.:]*\).*/\1/p' "$work/node.log" | head -n 1)"
    [ -n "$address" ] && break
    kill -0 "$node_pid" 2>/dev/null || exit 1
    sleep 0.2
done
[ -n "$address" ] || { printf 'run: the node opened no RPC port within 2 minutes\n' >&2; exit 1; }
export CSO_URL="ws://$address"
printf '   %s, block every 3 s\n' "$CSO_URL"

printf '\n== expert and board\n'
cso expert account import charlie --suri //Charlie --json >/dev/null
cso expert account create worker --json >/dev/null
cso board account import alice --suri //Alice --json >/dev/null
cso expert expert worker --insert worker --json >/dev/null
timed "the expert applies, with a bond" "$work/apply.json" \
    cso expert expert apply --as charlie --dir "$work/expert" --endpoint "$CSO_URL" --price 5 --worker worker --worker-funds 1 --yes --json
expert="$(jq -r .expert "$work/apply.json")"
timed "the board accredits for a year" "$work/accredit.json" cso board board accredit "$expert" --days 365 --json
for name in cha2ds2-vasc findrisc; do
    timed "the expert publishes $name" "$work/publish-$name.json" \
        cso expert expert publish --as charlie --dir "$work/expert" "$protocols/$name.toml" --json
done
protocol_id="$(jq -r .protocol "$work/publish-$protocol.json")"
cso patient directory show "$expert" --json |
    jq -r '"   expert \(.address), \(.price) CSO", (.protocols[] | "   protocol \(.id): \(.title), model commitment \(.model[:18])…")'

printf '\n== the patient reads a FHIR bundle; this, encrypted, is all that leaves\n'
keys_before="$(consultation_keys)"
cso patient account import dave --suri //Dave --json >/dev/null
cso patient consult preview --expert "$expert" --protocol "$protocol_id" --bundle "$bundle" --today 2026-11-23 --assume-no --answers "$answers"

printf '\n== the consultation\n'
processor_ms && before=$ms
timed "encrypt the record, hand it off, request" "$work/request.json" \
    cso patient consult request --expert "$expert" --protocol "$protocol_id" --bundle "$bundle" --today 2026-11-23 --assume-no --answers "$answers" --from dave \
    --question "Should I be anticoagulated?" --max-fee 5 --yes --json
processor_ms && request_ms=$((ms - before))
jq -r '"   record: \(.record.bits) bits, \(.record.bytes) bytes, commitment \(.record.commitment[:18])…; request \(.id) in block \(.block), fee \(.fee) CSO held"' "$work/request.json"
id="$(jq -r .id "$work/request.json")"
timed "the expert's node answers" "$work/wait.json" cso patient consult wait "$id" --timeout 120 --json
blocks="$(jq -r .waited_blocks "$work/wait.json")"
timed "the wallet decrypts" "$work/open.json" cso patient consult open "$id" --json
cso patient consult open "$id"

printf '\n== the same model in clear, from the expert'"'"'s file\n'
timed "evaluate in clear" "$work/clear.json" cso expert protocol eval --protocol "$protocols/$protocol.toml" --bundle "$bundle" --today 2026-11-23 --assume-no --answers "$answers" --json
jq -r '"   " + ([.readings[] | "\(.label) = \(.value) (\(.meaning))"] | join("; "))' "$work/clear.json"
[ "$(jq -c .outputs "$work/clear.json")" = "$(jq -c .outputs "$work/open.json")" ] || {
    printf 'run: the encrypted answer %s differs from the answer in clear %s\n' "$(jq -c .outputs "$work/open.json")" "$(jq -c .outputs "$work/clear.json")" >&2
    exit 1
}
printf '   both agree\n'

printf '\n== settled and erased\n'
timed "the patient accepts, the expert is paid" "$work/accept.json" cso patient consult accept "$id" --yes --json
timed "the patient erases" "$work/erase.json" cso patient consult erase "$id" --yes --json
# The pool is emptied when the evaluator sees the end of the consultation in a finalised block.
for _ in $(seq 60); do
    pool="$(rpc hop_poolStatus '[]' | jq .entryCount)"
    [ "$pool" = 0 ] && break
    sleep 0.5
done
keys_after="$(consultation_keys)"
on_chain="$(cso patient consult status "$id" --json | jq .on_chain)"
printf '   consultation %s on chain: %s; keys in the state of the pallet: %s before, %s after; records in the pool: %s\n' \
    "$id" "$on_chain" "$keys_before" "$keys_after" "$pool"
# The one key that may be new is the counter of consultations.
[ "$on_chain" = false ] && [ "$pool" = 0 ] && [ "$keys_after" -le $((keys_before + 1)) ] || {
    printf 'run: something of the consultation is left\n' >&2
    exit 1
}

printf '\n== times\n'
printf '%s\n' "${steps[@]}"
jq -r '.timings_ms | to_entries[] | "            of the request: \(.key) \(.value) ms"' "$work/request.json"
printf '%6d ms  processor time of the request, encryption included\n' "$request_ms"
printf '%6d     blocks from request to delivered opinion\n' "$blocks"
sed -n 's/.*\(consultation [0-9]* answered: .*\)/            evaluator: \1/p' "$work/node.log"

printf '\n'
jq -r '"second opinion: \(.protocol.title) = \(.readings[0].value) (\(.readings[0].meaning))"' "$work/open.json"

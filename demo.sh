#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Shows a device at work against a private Mosquitto on loopback: TLS only, a
# throwaway PKI, nothing left behind.
# Usage: ./demo.sh          the story, then live telemetry until Ctrl-C
#        ./demo.sh --once   the story once; exits 0 only if the broker's side saw it
set -euo pipefail
cd "$(dirname "$0")"
case ${1-} in
    '' | --once) ;;
    *) sed -n 's/^# \(Usage.*\|  .*--once.*\)/\1/p' "$0" >&2; exit 2 ;;
esac

tools/setup build demo
log=$(mktemp)
trap 'rm -f "$log"' EXIT
[[ -x build/hawser ]] || echo "Building build/hawser ..."
{
    cmake -S . -B build -G Ninja -DHAWSER_TESTS=OFF &&
        cmake --build build
} >"$log" 2>&1 || { tail -n 40 "$log" >&2; exit 1; }
rm -f "$log"
trap - EXIT
exec python3 tools/story "$@"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Set-up, build, every test. The last line says "N passed, N failed".
# Each suite writes a log to build/test-logs; what failed is printed whole.
set -uo pipefail
cd "$(dirname "$0")" || exit 1

tools/setup build demo test firmware fuzz || exit
mkdir -p build/test-logs
logs=$PWD/build/test-logs
rm -f "$logs"/*
begin=$SECONDS
say() { printf '[%4d s] %s\n' $((SECONDS - begin)) "$*"; }

# suite NAME COMMAND...: runs it; the log and the exit code are kept.
suite() {
    local name=$1 code=0
    shift
    say "$name ..."
    "$@" >"$logs/$name.log" 2>&1 </dev/null || code=$?
    echo "$code" >"$logs/$name.code"
    if [[ $code -eq 0 ]]; then say "$name: ok"; else say "$name: FAILED"; fi
}

build() { # build FOLDER OPTION...
    local folder=$1
    shift
    cmake -S . -B "$folder" -G Ninja -DHAWSER_WERROR=ON "$@" &&
        cmake --build "$folder"
}
gcc_build() {
    build build -DCMAKE_C_COMPILER=gcc -DHAWSER_TESTS=OFF -DHAWSER_PEERS=ON
}
clang_build() {
    build build-clang -DCMAKE_C_COMPILER=clang -DHAWSER_BENCH=ON
}
asan_build() { # with the tests of TLS over mbedTLS, too
    tools/firmware-sources &&
        build build-asan -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=Debug \
            -DHAWSER_SANITIZE=address,undefined -DHAWSER_MBEDTLS=ON
}
node_peers() { # a broker, a client; without them tests are skipped
    mkdir -p build/node
    cp tests/system/node/package*.json build/node/
    (cd build/node && npm ci --silent --no-audit --no-fund)
}
firmware_build() {
    make firmware
}
firmware() { # machines in QEMU
    tests/system/run -j 3 --hawser build/hawser \
        --firmware build-firmware/firmware.bin
}
unit() {
    ctest --test-dir build-asan -j2 --output-on-failure --verbose
}
system() { # under sanitizers, which are slow: deadlines are only felt at faults
    HAWSER=$PWD/build-asan/hawser HAWSER_PLAIN=$PWD/build/hawser \
        NODE_MODULES=$PWD/build/node/node_modules HAWSER_TEST_PATIENCE=3 \
        ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:exitcode=98 \
        tests/system/run -j 4
}

suite gcc-build gcc_build
suite node-install node_peers &
suite asan-build asan_build
wait
{
    suite firmware-build firmware_build
    suite system system
    suite firmware firmware
} &
suite fuzz tools/fuzz 10 build-fuzz &
{
    suite unit unit
    suite spec tools/spec "$logs/unit.log"
    suite clang-build clang_build
    suite sbom tools/sbom --check build hawser build/hawser.spdx.json
    suite install ctest --test-dir build-clang -R install_test \
        --no-tests=error --output-on-failure
    suite faults tools/faults
    suite layers tools/check-layers
    suite twins tools/check-twins
    suite sizes tools/check-sizes
    suite docs tools/check-docs
    suite symbols tools/check-symbols
    suite rv32 tools/rv32
    suite model tools/model --quick
    suite peers bench/peers/compare build --quick
    suite size tools/size
    suite coverage tools/coverage build-coverage
} &
wait
suite demo ./demo.sh --once

# The count: cmocka's cases, system tests, and each other suite as one.
passed=0
failed=0
add() { passed=$((passed + $1)) failed=$((failed + $2)); }
for code_file in "$logs"/*.code; do
    name=$(basename "$code_file" .code)
    code=$(<"$code_file")
    case $name in
        unit)
            ok=$(grep -cE '\[       OK \]' "$logs/unit.log")
            bad=$(grep -cE '\[  FAILED  \] [a-z]' "$logs/unit.log")
            [[ $code -ne 0 && $bad -eq 0 ]] && bad=1
            add "$ok" "$bad"
            ;;
        system | firmware)
            ok=$(grep -cE '^ok ' "$logs/$name.log")
            bad=$(grep -cE '^FAIL ' "$logs/$name.log")
            [[ $code -ne 0 && $bad -eq 0 ]] && bad=1
            add "$ok" "$bad"
            grep -A1 -E '^skip ' "$logs/$name.log"
            ;;
        *) add $((code == 0)) $((code != 0)) ;;
    esac
    if [[ $code -ne 0 ]]; then
        echo "---- $name (exit $code):"
        tail -n 150 "$logs/$name.log"
    fi
done
echo "---- rules of the standards, sizes on RV32IMC, and coverage:"
tail -n 1 "$logs/spec.log"
cat "$logs/rv32.log" "$logs/size.log"
grep -A 20 '^part ' "$logs/firmware-build.log"
cat "$logs/coverage.log"
say "logs: build/test-logs"
echo "$passed passed, $failed failed"
[[ $failed -eq 0 && $passed -gt 0 ]]

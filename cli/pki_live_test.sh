#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `hawser pki` does to a device that is online, with a real Mosquitto that
# asks for certificates: one is revoked, the server's is renewed, the CA is
# replaced. One agent runs through it all. Usage: pki_live_test.sh HAWSER
# Ends with 77 (skipped) where Mosquitto is not installed.
set -u
hawser=$1
# shellcheck source=cli/live_test.sh
. "$(dirname "$0")/live_test.sh"
need mosquitto mosquitto_pub openssl

broker_pid=
agent_pid=
end_processes() {
    stop "$agent_pid"
    stop "$broker_pid"
}
cd "$work" || exit 1

hawser() {
    "$hawser" "$@" >"$work/out" 2>&1
}
start_broker() {
    : >"$work/broker.log" # before anybody looks for what the last one said
    mosquitto -c "$work/broker/mosquitto.conf" >"$work/broker.log" 2>&1 &
    broker_pid=$!
    eventually grep -Esq ' running$|Error' "$work/broker.log"
    grep -q ' running$' "$work/broker.log"
}
make_broker() { # a folder to serve from, on a port that is free
    for attempt in 1 2 3 4 5 6 7 8; do
        port=$((20000 + ($$ * 17 + attempt * 1009) % 12000))
        rm -rf "$work/broker"
        hawser broker init broker --pki pki --client-certs --crl \
            --port "$port" --bind 127.0.0.1 || return 1
        start_broker && return 0
        wait "$broker_pid"
    done
    return 1
}
restart_broker() {
    stop "$broker_pid"
    start_broker
}
# get_in CERTIFICATE KEY: does the broker take a client with them?
get_in() {
    timeout 20 mosquitto_pub -h localhost -p "$port" -V 5 -q 1 \
        --cafile broker/devices/ca.crt --cert "$1" --key "$2" \
        -t hawser/x -m x >"$work/out" 2>&1
    ! grep -qi 'error\|refused\|alert' "$work/out"
}
stay_out() {
    ! get_in "$1" "$2"
}
# The agent answers a command: it is online, and the operator, too.
answers() {
    hawser send --config broker/operator.ini --timeout 2 d1 ping
}
give_up() {
    tail -n 20 "$work/log" "$work/broker.log"
    exit 1
}
# online WORDS: after what was changed, and after a full handshake
online() {
    check "d1 is online: $1" eventually answers
    restart_broker || failed=1
    check "d1 is online: $1, and after the broker came anew" \
        eventually answers
    check "it is the same agent" kill -0 "$agent_pid"
    [ "$failed" -eq 0 ] || give_up # the rest would wait in vain
}
take() { # the broker takes what the PKI folder has
    hawser broker renew broker --pki pki --host localhost &&
        kill -HUP "$broker_pid"
}
give() { # the device gets its certificate and the CAs
    cp pki/device/d1.crt pki/device/d1.key broker/devices/ &&
        kill -HUP "$agent_pid"
}
served() {
    openssl s_client -connect "localhost:$port" </dev/null 2>/dev/null |
        openssl x509 -noout -fingerprint
}
serves_new() {
    now=$(served)
    [ -n "$now" ] && [ "$now" != "$old" ]
}

hawser pki init pki --host localhost &&
    hawser pki device pki operator &&
    hawser pki device pki d1 && hawser pki device pki d2 &&
    hawser pki crl pki && make_broker || exit 1
cp pki/device/d1.crt pki/device/d1.key broker/devices/
cat >broker/devices/d1.ini <<END
[device]
id = d1
state_dir = state
[broker]
url = mqtts://localhost:$port
ca_file = ca.crt
cert_file = d1.crt
key_file = d1.key
[retry]
speed = 10
END
"$hawser" agent --config broker/devices/d1.ini >"$work/log" 2>&1 &
agent_pid=$!
online "at first"

echo "-- a lost device"
check "d2 gets in" get_in pki/device/d2.crt pki/device/d2.key
check "d2 is revoked" hawser pki revoke pki d2
check "the broker learns it" take
check "d2 stays out" eventually stay_out pki/device/d2.crt pki/device/d2.key
online "another one was revoked"
check "d2 is found again" hawser pki renew pki d2
check "d2 gets in by its new certificate" \
    get_in pki/device/d2.crt pki/device/d2.key

echo "-- a new certificate for the broker"
old=$(served)
check "it is renewed" hawser pki renew pki localhost
check "the broker takes it" take
check "SIGHUP serves it" eventually serves_new
online "the broker has a new certificate"

echo "-- a new CA"
cp pki/device/d1.crt d1-old.crt && cp pki/device/d1.key d1-old.key
check "step 1: the next CA" hawser pki rotate-ca pki begin
check "the broker trusts both" take
check "the device trusts both" give
online "step 1"
old=$(served)
check "step 2: the next CA signs" hawser pki rotate-ca pki switch
check "the broker has a certificate by it" hawser pki renew pki localhost
check "the broker takes that" take
check "SIGHUP serves that" eventually serves_new
online "step 2, with its old certificate"
check "step 3 waits for the devices" sh -c \
    '! "$0" pki rotate-ca pki drop 2>/dev/null' "$hawser"
for id in operator d1 d2; do
    check "$id gets one, too" hawser pki renew pki "$id"
done
check "the operator uses it" take
check "the device uses it" give
online "step 2, with its new certificate"
check "step 3: the old CA goes" hawser pki rotate-ca pki drop
check "the broker trusts one" take
check "the device trusts one" give
online "step 3"
check "what the old CA signed is refused" \
    eventually stay_out d1-old.crt d1-old.key
check "nothing is left to do" hawser pki check pki

[ "$failed" -eq 0 ] || give_up
echo "all as documented"

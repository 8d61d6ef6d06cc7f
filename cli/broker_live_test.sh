#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `hawser broker` makes, served by a real Mosquitto and tried from outside
# with Mosquitto's own clients. Usage: broker_live_test.sh HAWSER
# Ends with 77 (skipped) where Mosquitto is not installed.
set -u
hawser=$1
# shellcheck source=cli/live_test.sh
. "$(dirname "$0")/live_test.sh"
need mosquitto mosquitto_passwd mosquitto_pub mosquitto_sub openssl

broker_pid=
sub_pid=
end_processes() {
    stop "$sub_pid"
    stop "$broker_pid"
}

refuse() { # refuse WORDS COMMAND...: the command must fail, in time
    words=$1
    shift
    "$@"
    code=$?
    if [ "$code" -ne 0 ] && [ "$code" -ne 124 ]; then
        echo "ok    $words"
    else
        echo "FAIL  $words (exit $code)"
        failed=1
    fi
}
quietly() {
    "$@" >"$work/out" 2>&1
}
bounded() {
    quietly timeout 20 "$@"
}

# begin NAME OPTION...: makes a broker folder and serves from it on a free port
begin() {
    name=$1
    shift
    for attempt in 1 2 3 4 5 6 7 8; do
        port=$((20000 + ($$ * 7 + attempt * 1009) % 12000))
        rm -rf "${work:?}/$name"
        "$hawser" broker init "$work/$name" --pki "$work/pki" \
            --host localhost --bind 127.0.0.1 --port "$port" "$@" \
            >"$work/init.log" || return 1
        mosquitto -c "$work/$name/mosquitto.conf" 2>"$work/$name.log" &
        broker_pid=$!
        eventually grep -Esq ' running$|Error' "$work/$name.log"
        grep -q ' running$' "$work/$name.log" && return 0
        wait "$broker_pid"
        broker_pid=
        grep -q 'Address already in use' "$work/$name.log" || break
    done
    cat "$work/$name.log"
    return 1
}
end() {
    stop "$broker_pid"
    broker_pid=
}
ca() {
    printf '%s' "$work/pki/ca/ca.crt"
}
# as NAME TOOL...: a client of Mosquitto with the user's password
as() {
    user=$1
    tool=$2
    shift 2
    file=$work/$name/devices/$user.password
    [ "$user" = operator ] && file=$work/$name/operator.password
    bounded "$tool" -h localhost -p "$port" --cafile "$(ca)" -u "$user" \
        -P "$(cat "$file")" -V 5 -q 1 "$@"
}
# The tool ends with 0 even if the broker answers "not authorized".
accepted() {
    ! grep -q 'failed' "$work/out"
}
publish() { # publish USER TOPIC WORDS
    as "$1" mosquitto_pub -t "$2" -m "$3" && accepted
}
# listen USER TOPIC...: collects one message in $work/heard
listen() {
    user=$1
    shift
    file=$work/$name/devices/$user.password
    [ "$user" = operator ] && file=$work/$name/operator.password
    for topic in "$@"; do
        set -- "$@" -t "$topic"
        shift
    done
    : >"$work/heard"
    # line by line: otherwise nothing is seen before it ends
    timeout 20 stdbuf -oL mosquitto_sub -h localhost -p "$port" --cafile "$(ca)" \
        -u "$user" -P "$(cat "$file")" -q 1 -C 1 -d -F 'heard %t %p' "$@" \
        >"$work/heard" 2>&1 &
    sub_pid=$!
    eventually grep -q '^Subscribed' "$work/heard"
}
heard() { # heard TOPIC WORDS: this was the first message that came
    wait "$sub_pid"
    sub_pid=
    grep -Fqx "heard $1 $2" "$work/heard"
}
connects() { # connects OPTION...: a TLS handshake with these options succeeds
    timeout 10 openssl s_client -connect "127.0.0.1:$port" \
        -servername localhost -verify_return_error -CAfile "$(ca)" \
        -cipher 'DEFAULT:@SECLEVEL=0' "$@" </dev/null >"$work/out" 2>&1
}
plain() {
    bounded mosquitto_pub -h 127.0.0.1 -p "$port" -t hawser/x -m x "$@"
}

chmod 711 "$work"
"$hawser" pki init "$work/pki" --host localhost --host 127.0.0.1 \
    >"$work/init.log" || exit 1

echo "-- passwords, each device its own topics"
begin device || exit 1
check "devices are added" \
    quietly "$hawser" broker user "$work/device" dev1 dev2
kill -HUP "$broker_pid"
check "a new device gets in after SIGHUP" \
    eventually publish dev1 hawser/dev1/data before
check "the operator gets in" publish operator hawser/dev1/control x

connect() {
    bounded mosquitto_pub -h localhost -p "$port" --cafile "$(ca)" \
        -t hawser/dev1/data -m x "$@"
}
refuse "a wrong password is refused" connect -u dev1 -P wrong
refuse "another's password is refused" \
    connect -u dev1 -P "$(cat "$work/device/devices/dev2.password")"
refuse "no password is refused" connect -u dev1
refuse "an anonymous client is refused" connect
refuse "plain TCP is refused" plain -u dev1 \
    -P "$(cat "$work/device/devices/dev1.password")"
refuse "TLS 1.1 is refused" connects -tls1_1
check "TLS 1.2 is served" connects -tls1_2
check "TLS 1.3 is served" connects -tls1_3
refuse "TLS 1.2 without forward secrecy is refused" \
    connects -tls1_2 -cipher 'AES128-GCM-SHA256:@SECLEVEL=0'
refuse "TLS 1.2 with CBC is refused" \
    connects -tls1_2 -cipher 'ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0'

listen operator 'hawser/#'
refuse "a device cannot write another's data" \
    publish dev1 hawser/dev2/data forged
refuse "a device cannot write another's status" \
    publish dev1 hawser/dev2/status forged
refuse "a device cannot write its own control" \
    publish dev1 hawser/dev1/control forged
refuse "a device cannot write outside its tree" \
    publish dev1 elsewhere forged
for topic in status security data reply reply/7 event alert/outbox; do
    check "a device can write its $topic" \
        publish dev1 "hawser/dev1/$topic" "$topic"
done
check "of all that, the operator hears what was allowed first" \
    heard hawser/dev1/status status

listen dev1 'hawser/#' 'hawser/dev2/data' 'hawser/dev1/control'
publish dev2 hawser/dev2/data secret
publish operator hawser/dev2/control secret
publish operator hawser/dev1/control ping
check "a device hears its control and nobody else's topics" \
    heard hawser/dev1/control ping

check "a device is taken out" \
    quietly "$hawser" broker user "$work/device" dev2 --remove
check "its files are gone" test ! -e "$work/device/devices/dev2.password"
mv "$work/device/operator.password" "$work/device/devices/dev2.password"
kill -HUP "$broker_pid"
shut_out() {
    ! publish dev2 hawser/dev2/data x
}
check "it is refused after SIGHUP" eventually shut_out
mv "$work/device/devices/dev2.password" "$work/device/operator.password"
check "the others stay" publish dev1 hawser/dev1/data x

old=$(openssl x509 -in "$work/device/tls/server.crt" -noout -fingerprint)
mkdir "$work/old" && mv "$work/pki/server/"* "$work/old"
"$hawser" pki server "$work/pki" localhost >"$work/out" || failed=1
check "the broker's certificate is renewed" \
    quietly "$hawser" broker renew "$work/device" --pki "$work/pki"
kill -HUP "$broker_pid"
serves_new() {
    connects -tls1_3
    now=$(openssl x509 -in "$work/out" -noout -fingerprint)
    [ -n "$now" ] && [ "$now" != "$old" ]
}
check "SIGHUP serves the new one" eventually serves_new
end

echo "-- one tree for all"
begin flat --layout flat --root esp32 || exit 1
"$hawser" broker user "$work/flat" dev1 >"$work/out" || failed=1
kill -HUP "$broker_pid"
listen operator 'esp32/#'
check "a device writes the flat topic" \
    eventually publish dev1 esp32/data sample
check "the operator hears it" heard esp32/data sample
refuse "a device cannot write control" publish dev1 esp32/control forged
end

echo "-- client certificates"
for id in operator dev1; do
    "$hawser" pki device "$work/pki" "$id" >"$work/out" || failed=1
done
begin certs --client-certs || exit 1
with_cert() {
    id=$1
    shift
    connect --cert "$work/pki/device/$id.crt" \
        --key "$work/pki/device/$id.key" -V 5 -q 1 "$@" && accepted
}
check "a device gets in by certificate" with_cert dev1
refuse "its certificate is its name" with_cert dev1 -t hawser/dev2/data
refuse "without a certificate nobody gets in" connect -u dev1 -P x
check "the operator gets in by certificate" with_cert operator
end

if [ "$(id -u)" -eq 0 ] && id mosquitto >/dev/null 2>&1; then
    echo "-- started by root, run as mosquitto"
    begin other --run-as mosquitto || exit 1
    check "it serves" publish operator hawser/x x
    check "as that user" test \
        "$(stat -c %U "/proc/$broker_pid")" = mosquitto
    "$hawser" broker user "$work/other" dev1 >"$work/out" || failed=1
    kill -HUP "$broker_pid"
    check "it reads new users" eventually publish dev1 hawser/dev1/data x
    check "what devices need stays ours" test \
        "$(stat -c %U%a "$work/other/devices/dev1.password")" = root600
    end
fi

exit "$failed"

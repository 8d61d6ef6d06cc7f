#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs a build into a folder of its own, looks for every file, and builds a
# program of somebody else against it, once by find_package and once by
# pkg-config. Usage: install_test.sh BUILD CMAKE
set -eu
build=$1
cmake=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix

DESTDIR=$work/root "$cmake" --install "$build" >"$work/log" 2>&1 ||
    { cat "$work/log" && exit 1; }
# The tree is moved to where a package manager would never put it: nothing but
# hawser.pc and the unit may remember the prefix.
installed=$(sed -n 's/^CMAKE_INSTALL_PREFIX:PATH=//p' "$build/CMakeCache.txt")
mv "$work/root$installed" "$prefix"

missing=0
for file in bin/hawser include/hawser/mqtt.h include/hawser/device.h \
    share/man/man1/hawser.1 share/man/man1/hawser-agent.1 \
    share/man/man1/hawser-pki.1 share/man/man1/hawser-broker.1 \
    share/man/man1/hawser-flights.1 share/man/man1/hawser-send.1 \
    share/man/man1/hawser-time.1 share/man/man1/hawser-watch.1 \
    share/man/man5/hawser.ini.5 share/zsh/site-functions/_hawser \
    share/bash-completion/completions/hawser \
    lib/systemd/system/hawser-agent.service; do
    [ -s "$prefix/$file" ] || { echo "FAIL  $file is missing" && missing=1; }
done
[ "$missing" -eq 0 ]
"$prefix/bin/hawser" --version
grep -q "^ExecStart=$installed/bin/hawser " \
    "$prefix/lib/systemd/system/hawser-agent.service"

mkdir "$work/app"
cat >"$work/app/main.c" <<'C'
#include <hawser/device.h>
#include <hawser/mqtt.h>
#include <stdio.h>

int main(void)
{
    struct hawser_client client;
    struct hawser_config config = {0};
    return puts(hawser_error_text(hawser_init(&client, &config))) < 0;
}
C
cat >"$work/app/CMakeLists.txt" <<'C'
cmake_minimum_required(VERSION 3.18)
project(app C)
find_package(hawser 0.1 REQUIRED)
add_executable(app main.c)
target_link_libraries(app PRIVATE hawser::hawser)
C
# quietly COMMAND...: shows what it says only if it fails
quietly() {
    "$@" >"$work/log" 2>&1 || {
        cat "$work/log"
        exit 1
    }
}
quietly "$cmake" -S "$work/app" -B "$work/app/build" \
    -DCMAKE_PREFIX_PATH="$prefix"
quietly "$cmake" --build "$work/app/build"
"$work/app/build/app"
echo "ok    find_package"

pc=$(find "$prefix" -name hawser.pc)
# shellcheck disable=SC2046 # several words are meant
cc -o "$work/app/app" "$work/app/main.c" \
    $(PKG_CONFIG_PATH=${pc%/*} pkg-config --define-variable=prefix="$prefix" \
        --define-variable=libdir="${pc%/pkgconfig/hawser.pc}" \
        --define-variable=includedir="$prefix/include" --cflags --libs hawser)
"$work/app/app"
echo "ok    pkg-config"

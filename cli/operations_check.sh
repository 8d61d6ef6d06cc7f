#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Are the commands in docs/operations.md ones that `hawser help` knows? Each
# `hawser COMMAND ACTION` and each option must stand in the help of its command.
# Usage: operations_check.sh HAWSER
set -u
hawser=$1
page=$(dirname "$0")/../docs/operations.md
count=0
failed=0

commands() { # every command on the page, in code blocks and within lines
    grep -o -e '^hawser [^`]*' -e '`hawser [^`]*' "$page" | sed 's/^`//'
}

while read -r _ command action rest; do
    if [ "$command" = help ]; then
        "$hawser" help "$action" >/dev/null || failed=1
        count=$((count + 1))
        continue
    fi
    help=$("$hawser" help "$command") || failed=1
    case $command in
        pki | broker)
            echo "$help" | grep -q "hawser $command $action " || {
                echo "FAIL  hawser $command has no $action"
                failed=1
            }
            ;;
    esac
    for word in $rest $action; do
        case $word in
            --*) echo "$help" | grep -q -e "$word\( \|]\|\$\)" || {
                echo "FAIL  hawser $command has no $word"
                failed=1
            } ;;
        esac
    done
    count=$((count + 1))
done <<END
$(commands)
END

[ "$count" -ge 20 ] || failed=1
[ "$failed" -eq 0 ] && echo "all $count commands are known"
exit "$failed"

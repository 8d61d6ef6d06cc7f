# SPDX-License-Identifier: Apache-2.0
# bash completion of hawser(1): commands, options, files, and the values of an
# option that has few.

_hawser_words() { # _hawser_words WORD...: those that begin as typed
    mapfile -t COMPREPLY < <(compgen -W "$*" -- "$cur")
}

_hawser_files() { # _hawser_files [-d]: files, or folders only
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen "${1:--f}" -- "$cur")
}

# Completes the value of the option $prev; false if it takes none.
_hawser_value() {
    case $prev in
        --config | --csr | --passphrase-file | --key | --add | --replace | \
            --devices | --resume) _hawser_files ;;
        --pki | --broker) _hawser_files -d ;;
        --log) _hawser_words text json ;;
        --layout) _hawser_words device flat ;;
        --run-as) mapfile -t COMPREPLY < <(compgen -u -- "$cur") ;;
        --host | --org | --days | --timeout | --port | --bind | --root | \
            --trial) ;;
        *) return 1 ;;
    esac
}

# Completes the words of `hawser COMMAND ACTION`; $1 says how many of them are
# typed already.
_hawser_argument() {
    case $command/$action in
        pki/init | broker/init) [ "$1" -eq 0 ] && _hawser_files -d ;;
        pki/rotate-ca)
            case $1 in
                0) _hawser_files -d ;;
                1) _hawser_words begin switch drop ;;
            esac
            ;;
        pki/list | pki/check | pki/renew | pki/revoke | pki/crl | \
            pki/server | pki/device | broker/user | broker/renew)
            [ "$1" -eq 0 ] && _hawser_files -d
            ;;
        pki/show | pki/header) _hawser_files ;;
        factory/) [ "$1" -eq 0 ] && _hawser_files -d ;;
        send/) [ "$1" -eq 1 ] &&
            _hawser_words ping get_status get_flights restart set_interval clear_alert ;;
        help/) [ "$1" -eq 0 ] &&
            _hawser_words agent send flights watch time pki cert broker factory help ;;
    esac
}

_hawser_options() {
    case $command/$action in
        agent/) echo --config --log --check --forget-time ;;
        send/) echo --config --timeout --json --key ;;
        flights/) echo --config --timeout --json ;;
        cert/status) echo --config --timeout --devices ;;
        cert/push) echo --key --add --replace --remove --expect-switch \
            --trial --resume --config --timeout --devices ;;
        cert/rotate) echo --key --pki --passphrase-file --trial --resume \
            --config --timeout --devices ;;
        watch/) echo --config --json --once ;;
        time/) echo --config --trust-clock ;;
        pki/init) echo --host --org --days --passphrase-file ;;
        pki/server) echo --days --passphrase-file ;;
        pki/device) echo --days --csr --passphrase-file ;;
        pki/list) echo --all --json ;;
        pki/check) echo --days ;;
        pki/renew) echo --days --csr --passphrase-file ;;
        pki/revoke) echo --replaced --passphrase-file ;;
        pki/crl) echo --days --passphrase-file ;;
        pki/rotate-ca) echo --force --passphrase-file ;;
        broker/init) echo --pki --host --port --bind --root --layout \
            --client-certs --crl --run-as ;;
        broker/user) echo --remove ;;
        broker/renew) echo --pki --host ;;
        factory/) echo --config --broker --pki --days --passphrase-file ;;
    esac
}

# Finds command and action among what is typed, and counts the words after
# them that are neither options nor their values.
_hawser_parse() {
    local i word skip=
    command='' action='' count=0
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [ -n "$skip" ]; then
            skip=
        elif [[ $word == --* ]]; then
            case $word in
                --json | --once | --check | --forget-time | --trust-clock | --remove | \
                    --client-certs | --crl | --all | --replaced | --force | \
                    --expect-switch) ;;
                *) skip=1 ;;
            esac
        elif [ -z "$command" ]; then
            command=$word
        elif [[ -z $action && $command == @(pki|broker|cert) ]]; then
            action=$word
        else
            count=$((count + 1))
        fi
    done
}

_hawser() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local command action count
    COMPREPLY=()
    _hawser_parse
    if [ -z "$command" ]; then
        _hawser_words agent send flights watch time pki cert broker factory help --help --version
    elif _hawser_value; then
        return
    elif [[ $command == pki && -z $action ]]; then
        _hawser_words init server device show header list check renew \
            revoke crl rotate-ca
    elif [[ $command == cert && -z $action ]]; then
        _hawser_words status push rotate
    elif [[ $command == broker && -z $action ]]; then
        _hawser_words init user renew
    elif [[ $cur == -* ]]; then
        _hawser_words "$(_hawser_options)" --help
    else
        _hawser_argument "$count"
    fi
    return 0
}

complete -F _hawser hawser

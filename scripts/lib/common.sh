# shellcheck shell=bash
# Talking to the person at the terminal, and processes that outlive the script that starts them.

say() { printf '%s\n' "$*"; }
step() { printf '==> %s\n' "$*"; }

# die MESSAGE [CURE [STATUS]]: what is wrong, what to do about it, and out (1: failed, 2: cannot work like this).
die() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    [[ -z ${2:-} ]] || printf '  Cure: %s\n' "$2" >&2
    exit "${3:-1}"
}

# progress LOG COMMAND...: runs COMMAND with its output in LOG and shows the last line of it now and then.
progress() {
    local log=$1 pid shown=0
    shift
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    # Whoever is asked to stop takes the command along.
    trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
    while kill -0 "$pid" 2>/dev/null; do
        sleep 1
        shown=$((shown + 1))
        ((shown % 15)) || printf '    %3d s  %.90s\n' "$shown" "$(tail -n 1 "$log")"
    done
    trap - INT TERM
    wait "$pid" && return
    tail -n 40 "$log" >&2
    die "that failed; the whole output is in $log"
}

# detached LOG COMMAND...: becomes COMMAND, with nothing of the caller: no terminal, descriptor, folder or environment.
detached() {
    local log=$1 fd
    shift
    for fd in /proc/self/fd/*; do
        fd=${fd##*/}
        ((fd <= 2)) || eval "exec $fd>&-"
    done
    cd /
    exec setsid env -i PATH="$PATH" LANG=C.UTF-8 "$@" </dev/null >>"$log" 2>&1
}

# our_pid PIDFILE WORD: prints the process of PIDFILE if it runs and WORD is in its command line. The number
# in an old file may by now belong to anybody.
our_pid() {
    local pid line
    [[ -s $1 ]] || return
    read -r pid <"$1" && [[ $pid =~ ^[0-9]+$ ]] || return
    line=$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") || return
    [[ $line == *"$2"* ]] && printf '%s\n' "$pid"
}

# end_process PIDFILE WORD: SIGTERM, up to 40 s of patience, SIGKILL. No such process is no error.
end_process() {
    local pid tries
    if pid=$(our_pid "$1" "$2"); then
        kill -TERM "$pid" 2>/dev/null || true
        for ((tries = 0; tries < 400; tries++)); do
            our_pid "$1" "$2" >/dev/null || break
            sleep 0.1
        done
        if [[ $(our_pid "$1" "$2") == "$pid" ]]; then
            say "process $pid ($1) did not end in 40 s: killed" >&2
            kill -KILL "$pid" 2>/dev/null || true
        fi
    fi
    rm -f "$1"
}

# wait_for SECONDS COMMAND...: until COMMAND succeeds.
wait_for() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < deadline)) || return 1
        sleep 0.05
    done
}

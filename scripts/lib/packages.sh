# shellcheck shell=bash
# need_packages NAME...: Debian packages that must be there. Needs common.sh.

need_packages() {
    local name missing=()
    for name in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || missing+=("$name")
    done
    ((${#missing[@]})) || return 0
    local command="apt-get install --no-install-recommends ${missing[*]}"
    if ((EUID)) || ! command -v apt-get >/dev/null; then
        die "packages are missing: ${missing[*]}" "sudo $command" 2
    fi
    step "Installing ${missing[*]}"
    install_packages "${missing[@]}" || die "apt-get could not install them" "$command"
}

# In a subshell, so that the temporary policy goes away however this ends.
install_packages() (
    policy=/usr/sbin/policy-rc.d
    export DEBIAN_FRONTEND=noninteractive
    # Without it, installing nginx would start it. A policy that is already there is the machine's own.
    if [[ ! -e $policy ]]; then
        trap 'rm -f "$policy"' EXIT
        trap 'exit 130' INT TERM
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" || return
    fi
    options=(-y -q -o Dpkg::Use-Pty=0 --no-install-recommends)
    apt-get install "${options[@]}" "$@" </dev/null && return
    # The lists may be old or not there at all.
    apt-get update -q </dev/null && apt-get install "${options[@]}" "$@" </dev/null
)

# shellcheck shell=bash
# What can be said of the source without building it. Each check prints what is wrong and fails, or says nothing.
: "${root:?}"

# Only these may import C or Glibc, and only there does the word `unsafe` appear.
walls='FastCGI|Cryptography|Database|RateWindows|System'
longest_file=400

check_format() {
    # shellcheck disable=SC2046 # no file name here has a space
    swift format lint --strict --configuration "$root/.swift-format" \
        $(git -C "$root" ls-files --cached --others --exclude-standard '*.swift' | sed "s|^|$root/|")
}

check_shell() (
    cd "$root" || exit
    # shellcheck disable=SC2046
    shellcheck -x $(git ls-files --cached --others --exclude-standard | while read -r file; do
        [[ -f $file ]] && head -n 1 "$file" | grep -qE '^#!.*\b(ba)?sh$|shellcheck shell=' && printf '%s\n' "$file"
    done)
)

# An import of C, Glibc or Foundation in any of Swift's forms, or the word `unsafe`.
wall_words='(^|;)[[:space:]]*((public|package|internal|private|fileprivate|@[a-zA-Z_]+(\([^)]*\))?)[[:space:]]+)*'
wall_words+='import[[:space:]]+((typealias|struct|class|enum|actor|protocol|let|var|func)[[:space:]]+)?'
wall_words+='`?(CFastCGI|CLibcrypto|CMariaDB|CCrypt|Glibc|SwiftGlibc|Musl|Foundation)\b|\bunsafe\b'

check_walls() {
    local found
    check_wall_words || return
    found=$(cd "$root" && grep -rnE "$wall_words" --include='*.swift' Sources | sed -E "/^Sources\/($walls)\//d")
    [[ -z $found ]] && return
    printf 'C, Glibc or unsafe outside the walls (%s):\n%s\n' "$walls" "$found"
    return 1
}

# That the words find what they are for, and nothing else.
check_wall_words() {
    local line status=0
    while read -r line; do
        grep -qE "$wall_words" <<<"$line" || { printf 'not found by the check of the walls: %s\n' "$line" && status=1; }
    done <<'BAD'
import Glibc
import struct Glibc.timeval
import func Glibc.getenv
import Glibc.stdlib
@_spi(X) import Glibc
@_spi(X) @preconcurrency public import CMariaDB
@_implementationOnly import CCrypt
private import let CFastCGI.FCGI_RESPONDER
import HTTP; import Foundation
import `Glibc`
let first = unsafe pointer.pointee
BAD
    while read -r line; do
        ! grep -qE "$wall_words" <<<"$line" || { printf 'found by the check of the walls: %s\n' "$line" && status=1; }
    done <<'GOOD'
import HTTP
import struct HTTP.Request
import FoundationEssentials
@_spi(X) import Tokens
@testable import Service
// No import Glibc here.
let isUnsafe = unsafeName
GOOD
    return $status
}

# A stranger finds every target in the README's map.
check_source_map() {
    local name status=0
    for name in "$root"/Sources/*/; do
        name=$(basename "$name")
        grep -qF "$name" "$root/README.md" || { printf 'README.md does not name Sources/%s\n' "$name" && status=1; }
    done
    return $status
}

check_file_length() {
    local long
    long=$(cd "$root" && git ls-files --cached --others --exclude-standard '*.swift' '*.py' '*.sh' 'scripts/*' |
        while read -r file; do
            [[ -f $file ]] && printf '%s %s\n' "$(wc -l <"$file")" "$file"
        done | awk -v most=$longest_file '$1 > most')
    [[ -z $long ]] && return
    printf 'longer than %s lines:\n%s\n' "$longest_file" "$long"
    return 1
}

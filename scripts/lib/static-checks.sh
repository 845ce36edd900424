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

check_walls() {
    local found
    found=$(cd "$root" && grep -rnE \
        '^[[:space:]]*((public|package|internal|private|fileprivate|@preconcurrency|@_[a-zA-Z]+)[[:space:]]+)*import[[:space:]]+(CFastCGI|CLibcrypto|CMariaDB|CCrypt|Glibc|Musl|Foundation)\b|\bunsafe\b' \
        --include='*.swift' Sources | grep -vE "^Sources/($walls)/")
    [[ -z $found ]] && return
    printf 'C, Glibc or unsafe outside the walls (%s):\n%s\n' "$walls" "$found"
    return 1
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

# shellcheck shell=bash
# build_release LOG: posternd and postern in release mode, in $root/.build-release. Needs common.sh.
: "${root:?}"

build_release() {
    local product options=(--package-path "$root" --scratch-path "$root/.build-release" -c release
        --static-swift-stdlib --explicit-target-dependency-import-check error)
    command -v swift >/dev/null ||
        die "no Swift here" "install Swift 6.3 or later: https://www.swift.org/install/linux/" 2
    step "Building Postern in release mode (the first time takes minutes, then seconds)"
    for product in posternd postern; do
        progress "$1" swift build "${options[@]}" --product "$product"
    done
}

# SPDX-License-Identifier: Apache-2.0
# What the scripts share: finding the tools they need, and installing those that are missing.
# To be sourced by bash in the root of the repository.

headline() {
    printf '\n\033[1m== %s\033[0m\n' "$*"
}

fail() {
    printf '\n%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# install_packages WHAT REASON PACKAGE…: installs the Debian packages that have WHAT, and says so. Where that cannot be
# done, one line says what is missing, of which package, and why.
install_packages() {
    local what=$1 reason=$2 log problem
    shift 2
    command -v apt-get >/dev/null ||
        fail "$what is missing ($reason). Debian has it in $*; there is no apt-get to install that"
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
        fail "$what is missing ($reason). Debian has it in $*; installing that needs root, and there is no sudo"
    echo "Installing $* by apt: $reason"
    log=$(mktemp)
    if ! fetch_package_lists >"$log" 2>&1 || ! as_root env DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes \
        apt-get install -q -q -y --no-install-recommends "$@" >"$log" 2>&1; then
        problem=$(grep -m 1 '^E: ' "$log" || tail -n 1 "$log")
        rm -f "$log"
        fail "$what is missing ($reason), and apt cannot install $*: $problem"
    fi
    rm -f "$log"
    hash -r
}

fetch_package_lists() {
    [ -n "${package_lists_are_new:-}" ] || as_root apt-get update -q -q || return
    package_lists_are_new=yes
}

# ensure WHAT REASON PACKAGES CHECK…: installs the packages unless the command CHECK succeeds; then it has to.
ensure() {
    local what=$1 reason=$2 packages=$3
    shift 3
    if "$@"; then
        return
    fi
    # shellcheck disable=SC2086
    install_packages "$what" "$reason" $packages
    "$@" || fail "$what does not work ($reason), though Debian's $packages are installed"
}

# has_command COMMAND: Debian has some of them where only root looks.
has_command() {
    command -v "$1" >/dev/null || PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null
}

# A compiler without the headers of the C library, or without a linker, is none.
compiles_c() {
    local directory code=0
    directory=$(mktemp -d)
    printf '#include <pthread.h>\n#include <stdlib.h>\nint main(void) { return EXIT_SUCCESS; }\n' >"$directory/test.c"
    cc -o "$directory/test" "$directory/test.c" 2>/dev/null && "$directory/test" || code=1
    rm -rf "$directory"
    return $code
}

# is_version_at_least VERSION MINIMUM
is_version_at_least() {
    printf '%s\n%s\n' "$2" "$1" | sort -C -V
}

# The oldest Rust that compiles this, as Cargo.toml says.
minimum_rust=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)

# has_rust [RUSTC]: whether there is a Rust compiler that is new enough.
has_rust() {
    local version
    version=$("${1:-rustc}" --version 2>/dev/null | cut -d' ' -f2)
    [ -n "$version" ] && is_version_at_least "$version" "$minimum_rust"
}

# Rust, and a C compiler for mbedTLS.
ensure_rust() {
    ensure cc "it compiles mbedTLS, and links" "gcc libc6-dev" compiles_c
    if ! has_rust || ! command -v cargo >/dev/null; then
        if command -v rustup >/dev/null; then
            echo "Installing Rust by rustup: $minimum_rust or later compiles this"
            rustup toolchain install stable || fail "rustc $minimum_rust or later is missing, and rustup cannot install it"
            export RUSTUP_TOOLCHAIN=stable
        else
            # Debian's rustc is too old; its rustc-web follows what Firefox needs.
            install_packages "rustc $minimum_rust" "it compiles this" rustc-web cargo-web ca-certificates
        fi
        has_rust || fail "rustc $minimum_rust or later is missing; there is $(rustc --version 2>&1 || true)"
        command -v cargo >/dev/null || fail "cargo is missing: Debian has it in cargo-web"
    fi
}

# ensure_rust_component COMMAND REASON PACKAGE: a tool that comes with Rust.
ensure_rust_component() {
    if "$1" --version >/dev/null 2>&1; then
        return
    fi
    if command -v rustup >/dev/null; then
        echo "Installing $1 by rustup: $2"
        rustup component add "${1#cargo-}" || fail "$1 is missing ($2), and rustup cannot install it"
    else
        install_packages "$1" "$2" "$3"
    fi
    "$1" --version >/dev/null 2>&1 || fail "$1 does not work ($2)"
}

# The interpreter that has httpbin. The tests look for it under this name.
venv=$PWD/target/venv
export REQUESTS_TEST_PYTHON=${REQUESTS_TEST_PYTHON:-$venv/bin/python}

ensure_httpbin() {
    if "$REQUESTS_TEST_PYTHON" -c 'import gunicorn, httpbin' 2>/dev/null; then
        return
    fi
    [ "$REQUESTS_TEST_PYTHON" = "$venv/bin/python" ] || fail "$REQUESTS_TEST_PYTHON has no httpbin, or no gunicorn"
    ensure "python3 with its module venv" "it runs httpbin" "python3 python3-venv" has_venv
    echo "Installing httpbin and gunicorn by pip in target/venv: servers that requests can be sent to"
    rm -rf "$venv"
    python3 -m venv "$venv" || fail "python3 cannot make a virtual environment in $venv"
    "$venv/bin/pip" install -q --disable-pip-version-check 'httpbin>=0.10,<0.11' 'gunicorn>=23' ||
        fail "httpbin and gunicorn are missing, and pip cannot install them"
}

# h11 and two parsers of multipart bodies, besides werkzeug, which comes with httpbin.
ensure_judges() {
    if "$REQUESTS_TEST_PYTHON" -c 'import h11, multipart, python_multipart, werkzeug' 2>/dev/null; then
        return
    fi
    echo "Installing h11, multipart and python-multipart by pip: they judge what the tests send"
    "$REQUESTS_TEST_PYTHON" -m pip install -q --disable-pip-version-check 'h11>=0.16' 'multipart>=1.2,<3' \
        'python-multipart>=0.0.20' || fail "h11, multipart and python-multipart are missing, and pip cannot install them"
}

has_venv() {
    python3 -c 'import ensurepip, venv' 2>/dev/null
}

# has_sanitizer NAME: whether the Rust toolchain has the runtime of this sanitizer (asan, tsan).
has_sanitizer() {
    local host
    host=$(rustc -vV | sed -n 's/^host: //p')
    compgen -G "$(rustc --print sysroot)/lib/rustlib/$host/lib/librustc-*_rt.$1.a" >/dev/null
}

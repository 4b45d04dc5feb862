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
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "'$*' needs root, and there is no sudo"
    fi
}

# install_packages REASON PACKAGE…: installs Debian packages, and says so.
install_packages() {
    local reason=$1
    shift
    echo "Installing $* by apt: $reason"
    command -v apt-get >/dev/null || fail "there is no apt-get: please install what Debian has in $*"
    if [ -z "${package_lists_are_new:-}" ]; then
        as_root apt-get update -q -q
        package_lists_are_new=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes \
        apt-get install -q -q -y --no-install-recommends "$@" >/dev/null
}

# ensure_command COMMAND REASON PACKAGE…
ensure_command() {
    local command=$1
    shift
    command -v "$command" >/dev/null || PATH=$PATH:/usr/sbin command -v "$command" >/dev/null ||
        install_packages "$@"
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

has_libclang() {
    [ -n "${LIBCLANG_PATH:-}" ] || compgen -G '/usr/lib/llvm-*/lib/libclang*.so*' >/dev/null ||
        PATH=$PATH:/sbin ldconfig -p | grep -q 'libclang[-.0-9]*\.so'
}

# Rust, and what mbedTLS is built with.
ensure_rust() {
    ensure_command c++ "compilers build mbedTLS" gcc g++ libc6-dev
    ensure_command cmake "it builds mbedTLS" cmake make
    has_libclang || install_packages "it reads the headers of mbedTLS" libclang-dev
    if ! has_rust || ! command -v cargo >/dev/null; then
        if command -v rustup >/dev/null; then
            echo "Installing Rust by rustup: $minimum_rust or later compiles this"
            rustup toolchain install stable
            export RUSTUP_TOOLCHAIN=stable
        else
            # Debian's rustc is too old; its rustc-web follows what Firefox needs.
            install_packages "Rust $minimum_rust or later compiles this" rustc-web cargo-web ca-certificates
        fi
        has_rust || fail "there is no Rust $minimum_rust or later, but $(rustc --version 2>&1 || true)"
    fi
    ensure_rust_component rustfmt "it formats the bindings of mbedTLS" rustfmt-web
}

# ensure_rust_component COMMAND REASON PACKAGE: a tool that comes with Rust.
ensure_rust_component() {
    if "$1" --version >/dev/null 2>&1; then
        return
    fi
    if command -v rustup >/dev/null; then
        echo "Installing $1 by rustup: $2"
        rustup component add "${1#cargo-}"
    else
        install_packages "$2" "$3"
    fi
}

# The interpreter that has httpbin. The tests look for it under this name.
venv=$PWD/target/venv
export REQUESTS_TEST_PYTHON=${REQUESTS_TEST_PYTHON:-$venv/bin/python}

ensure_httpbin() {
    if "$REQUESTS_TEST_PYTHON" -c 'import gunicorn, httpbin' 2>/dev/null; then
        return
    fi
    [ "$REQUESTS_TEST_PYTHON" = "$venv/bin/python" ] || fail "$REQUESTS_TEST_PYTHON has no httpbin, or no gunicorn"
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
        install_packages "Python runs httpbin" python3 python3-venv
    fi
    echo "Installing httpbin and gunicorn by pip in target/venv: servers that requests can be sent to"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check 'httpbin>=0.10,<0.11' 'gunicorn>=23'
}

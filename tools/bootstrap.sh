#!/bin/sh
# Gets a checkout ready: looks for what the build needs, one thing after the other, and
# makes the virtual environment .venv.
#
#   tools/bootstrap.sh c [c++] [python]
#
#   c        a C compiler, pkg-config and libcjson
#   c++      a C++ compiler (the public header is compiled as C++ too)
#   python   Python 3.10 or later with its header files, and .venv made with it
#
# What is missing is installed through apt where that is allowed: as root, or with a sudo that
# asks for no password. Otherwise the command to run is printed and the script leaves with 1.
#
# Environment:
#   PYTHON                  the interpreter (default: the first python3 that is 3.10 or later)
#   CC, CXX                 the compilers (default: gcc, cc or clang; g++, c++ or clang++)
#   CONSENTPY_APT=no        never install anything, only say what is missing
#   CONSENTPY_CJSON_LIBS    given: neither pkg-config nor libcjson is looked for
set -u
cd "$(dirname "$0")/.." || exit 1

venv=.venv
cjson_minimum=1.7.15

say() { printf 'consentpy: %s\n' "$*"; }
stop() {
    printf 'consentpy: %s\n' "$*" >&2
    exit 1
}

want_c= want_cxx= want_python=
for part in "$@"; do
    case $part in
    c) want_c=1 ;;
    c++) want_cxx=1 ;;
    python) want_python=1 ;;
    *) stop "tools/bootstrap.sh knows the parts c, c++ and python, not '$part'." ;;
    esac
done

# ------------------------------------------------------------------- what to look for

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# Sets $found to the first of the named commands that is there.
first_of() {
    found=
    for name in "$@"; do
        found=$(command -v "$name" 2>/dev/null) && [ -n "$found" ] && return 0
    done
    return 1
}

# Compilers are tried, not only found: without the C library's headers one is of no use.
# The commands may carry flags of their own, so they are left to be split.
find_cc() {
    if [ -n "${CC:-}" ]; then found=$CC; else first_of gcc cc clang || return 1; fi
    printf '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n' >"$scratch/t.c"
    # shellcheck disable=SC2086
    $found -o "$scratch/t" "$scratch/t.c" >/dev/null 2>&1
}

find_cxx() {
    if [ -n "${CXX:-}" ]; then found=$CXX; else first_of g++ c++ clang++ || return 1; fi
    printf 'int main() { return 0; }\n' >"$scratch/t.cc"
    # shellcheck disable=SC2086
    $found -fsyntax-only "$scratch/t.cc" >/dev/null 2>&1
}

find_pkg_config() { first_of "${PKG_CONFIG:-pkg-config}"; }

find_cjson() {
    find_pkg_config && "$found" --atleast-version=$cjson_minimum libcjson 2>/dev/null
}

new_enough='import sys; sys.exit(sys.version_info < (3, 10))'

# Sets $python. Versions by name come after python3: the machine's own choice goes first.
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        python=$(command -v "$PYTHON" 2>/dev/null) && "$python" -c "$new_enough" 2>/dev/null &&
            return 0
        stop "PYTHON=$PYTHON is not a Python 3.10 or later: name another interpreter."
    fi
    for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
        python=$(command -v $name 2>/dev/null) && "$python" -c "$new_enough" 2>/dev/null &&
            return 0
    done
    stop "no Python 3.10 or later was found: install one, or name it with PYTHON=/path/to/python3."
}

find_headers() {
    "$python" -c '
import os, sys, sysconfig
paths = sysconfig.get_paths()
sys.exit(not os.path.exists(os.path.join(paths["include"], "Python.h")))'
}

find_venv() { "$python" -c 'import ensurepip, venv' 2>/dev/null; }

# The name of the distribution's package for a part of this interpreter, such as
# python3.11-dev. An interpreter from elsewhere has no such package.
python_package() {
    "$python" -c 'import sys; sys.exit(sys.base_prefix != "/usr")' ||
        stop "$python has no $2, and no package of this system would add it: name a complete interpreter with PYTHON=/path/to/python3."
    "$python" -c 'import sys; print("python%d.%d-%s" % (*sys.version_info[:2], sys.argv[1]))' "$1"
}

# Sets $missing to packages, in apt's names.
look() {
    missing=
    if [ -n "$want_c" ]; then
        need "C compiler" "gcc libc6-dev" find_cc "${CC:+CC=$CC}"
    fi
    if [ -n "$want_cxx" ]; then
        need "C++ compiler" g++ find_cxx "${CXX:+CXX=$CXX}"
    fi
    if [ -n "$want_c" ] && [ -z "${CONSENTPY_CJSON_LIBS:-}" ]; then
        need "pkg-config" pkg-config find_pkg_config
        need "libcjson $cjson_minimum or later" libcjson-dev find_cjson
    fi
    if [ -n "$want_python" ]; then
        find_python
        say "Python: $python"
        package=$(python_package dev "header files (Python.h)" 2>"$scratch/why") || package=
        need "Python.h" "$package" find_headers
        package=$(python_package venv "venv and ensurepip" 2>"$scratch/why") || package=
        need "venv and ensurepip" "$package" find_venv
    fi
}

# need WHAT PACKAGES FUNCTION [CHOICE]: a choice of the user's that does not work is not replaced.
need() {
    if "$3"; then
        say "$1: found"
        return
    fi
    [ -z "${4:-}" ] || stop "$4 is no working $1: name another, or leave it out."
    say "$1: missing"
    if [ -z "$2" ]; then
        cat "$scratch/why" >&2
        exit 1
    fi
    missing="$missing $2"
}

# ------------------------------------------------------------------- how to get it

install_missing() {
    first_of apt-get ||
        stop "install what is missing with this system's package manager, then run make again; Debian's names for it are:$missing."
    if [ "${CONSENTPY_APT:-yes}" != no ]; then
        if [ "$(id -u)" = 0 ]; then
            run_apt env && return
        elif first_of sudo && sudo -n true 2>/dev/null; then
            run_apt sudo -n env && return
        fi
    fi
    stop "run this, then make again:
    sudo sh -c 'apt-get update && apt-get install -y$missing'"
}

run_apt() {
    say "installing through apt:$missing"
    # An update that fails is no reason to stop: the lists on the disk may do.
    "$@" DEBIAN_FRONTEND=noninteractive apt-get -qq update </dev/null
    # shellcheck disable=SC2086
    "$@" DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
        $missing </dev/null >"$scratch/apt" 2>&1 && return
    cat "$scratch/apt" >&2
    say "apt-get did not succeed." >&2
    return 1
}

# ------------------------------------------------------------------- the environment

make_venv() {
    wanted=$("$python" -c 'import sys; print(sys.version)')
    if [ -x $venv/bin/python ]; then
        has=$($venv/bin/python -c 'import sys; print(sys.version)' 2>/dev/null)
        # Without PYTHON, an environment that works is kept whatever python3 has become.
        [ "$has" = "$wanted" ] && return
        [ -z "${PYTHON:-}" ] && [ -n "$has" ] && return
    fi
    say "making $venv"
    "$python" -m venv --clear $venv || stop "$python -m venv did not succeed: its words are above."
}

# A second run takes the first one's word, as long as the question is the same. The word stands
# inside the environment, so that it goes when that is made anew.
parts=$(printf '%s' "$*" | tr -c 'a-z+' -)
stamp=build/bootstrap-$parts
[ -n "$want_python" ] && stamp=$venv/.bootstrap-$parts
question="CC=${CC:-} CXX=${CXX:-} PKG_CONFIG=${PKG_CONFIG:-} PYTHON=${PYTHON:-} LIBS=${CONSENTPY_CJSON_LIBS:-}"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$question" ] && [ ! "$0" -nt "$stamp" ]; then
    [ -z "$want_python" ] && exit 0
    $venv/bin/python -c 'import pip' 2>/dev/null && exit 0
fi

look
if [ -n "$missing" ]; then
    install_missing
    look
    [ -z "$missing" ] || stop "apt-get installed what was asked for, but this is still missing:$missing."
fi
[ -n "$want_python" ] && make_venv
mkdir -p build && printf '%s\n' "$question" >"$stamp"

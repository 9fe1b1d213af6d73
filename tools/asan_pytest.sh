#!/bin/sh
# Runs pytest against an extension built with the address and undefined-behaviour sanitizers.
#
# The build happens in a copy of the tree, build/asan/tree, so that no test, nor a process that a
# test starts, can pick up the ordinary extension by accident. Arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
tree=$root/build/asan/tree
python=$root/.venv/bin/python
cc=${CC:-gcc}

rm -rf "$tree"
mkdir -p "$tree"
tar -cf - --exclude=./build --exclude=./dist --exclude=./.venv --exclude=./.git \
    --exclude='*.so' --exclude=__pycache__ --exclude='./.*_cache' . | tar -xf - -C "$tree"
cd "$tree"

CC=$cc CONSENTPY_SANITIZE=1 "$python" setup.py --quiet build_ext --inplace

# The runtimes have to be in the process before Python is, since Python itself is not instrumented.
runtime() {
    # shellcheck disable=SC2086
    path=$($cc -print-file-name="$1")
    case $path in
    /*) printf '%s' "$path" ;;
    *)
        echo "consentpy: $cc has no $1: install its sanitizer runtimes, or choose another CC." >&2
        exit 1
        ;;
    esac
}
# shellcheck disable=SC2086
case $($cc --version) in
*clang*) preload=$(runtime "libclang_rt.asan-$(uname -m).so") ;;
*) preload=$(runtime libasan.so):$(runtime libubsan.so) ;;
esac

# Python's own allocator hides overruns, and its exit leaks by design.
exec env PYTHONPATH="$tree" PYTHONMALLOC=malloc LD_PRELOAD="$preload" \
    ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=1 \
    UBSAN_OPTIONS=print_stacktrace=1 CONSENTPY_SANITIZED=1 \
    "$python" -m pytest -p no:cacheprovider "$@"

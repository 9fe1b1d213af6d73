"""Builds the one extension of the project, `consentpy._core`; pyproject.toml says everything else.

Environment variables, all optional:

- `CONSENTPY_CJSON_CFLAGS`, `CONSENTPY_CJSON_LIBS`: compiler and linker flags of cJSON, instead of
  what `pkg-config libcjson` says. The linker flags may name a static archive.
- `PKG_CONFIG`: the pkg-config to ask.
- `CONSENTPY_LTO=0`: GCC links file by file, for a linker that cannot do otherwise.
- `CONSENTPY_DEBUG=1`: no optimisation, asserts on.
- `CONSENTPY_SANITIZE=1`: address and undefined-behaviour sanitizers, asserts on, and every item of
  an arena in a block of its own.
- `CONSENTPY_COVERAGE=1`: line counts for gcov.
- `CONSENTPY_WERROR=1`: more warnings, and each of them an error.
"""

import os
import shlex
import subprocess
import sys
from glob import glob

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

CJSON_MINIMUM = "1.7.15"
CJSON_MISSING = (
    f"consentpy needs cJSON {CJSON_MINIMUM} or later, found through pkg-config: install both "
    "(Debian, Ubuntu: apt-get install pkg-config libcjson-dev; Fedora: dnf install pkgconf "
    "cjson-devel; macOS: brew install pkg-config cjson; Windows: vcpkg install cjson), or set "
    "CONSENTPY_CJSON_CFLAGS and CONSENTPY_CJSON_LIBS to the flags of your own copy."
)


def enabled(name: str, default: str = "0") -> bool:
    return os.environ.get(name, default) not in ("", "0")


def cjson_flags() -> tuple[list[str], list[str]]:
    """Flags to compile and to link with cJSON; leaves with one sentence when there is none."""
    cflags = os.environ.get("CONSENTPY_CJSON_CFLAGS")
    libs = os.environ.get("CONSENTPY_CJSON_LIBS")
    if cflags is not None or libs is not None:
        return split(cflags or ""), split(libs or "")
    pkg_config = os.environ.get("PKG_CONFIG", "pkg-config")
    try:
        ask(pkg_config, "--atleast-version", CJSON_MINIMUM)
        compile_flags = split(ask(pkg_config, "--cflags"))
        link_flags = split(ask(pkg_config, "--libs"))
    except (OSError, subprocess.CalledProcessError):
        raise SystemExit(CJSON_MISSING) from None
    # The sources say <cjson/cJSON.h>; some packages name only the folder below.
    parents = [
        "-I" + os.path.dirname(flag[2:])
        for flag in compile_flags
        if flag.startswith("-I") and os.path.basename(flag[2:]) == "cjson"
    ]
    return compile_flags + [flag for flag in parents if flag != "-I/usr/include"], link_flags


def ask(pkg_config: str, *question: str) -> str:
    command = [pkg_config, *question, "libcjson"]
    return subprocess.run(
        command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ).stdout


def split(flags: str) -> list[str]:
    return shlex.split(flags, posix=os.name != "nt")


def version_of(command: list[str]) -> str:
    return subprocess.run(
        [*command, "--version"], capture_output=True, text=True, check=False
    ).stdout


def links_in_one(command: list[str], version: str) -> bool:
    """A GCC on Linux that was built with link-time optimisation; clang would need another linker."""
    if not sys.platform.startswith("linux") or "Free Software Foundation" not in version:
        return False
    probe = [*command, "-flto", "-E", "-x", "c", os.devnull]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


class BuildExt(build_ext):
    """Adds the flags that depend on the compiler, known only once the build has begun."""

    def build_extension(self, ext: Extension) -> None:
        compile_flags, link_flags = cjson_flags()
        ext.extra_compile_args += compile_flags
        ext.extra_link_args += link_flags
        if self.compiler.compiler_type == "msvc":
            ext.extra_compile_args += ["/std:c11", "/utf-8"]
        else:
            self.add_unix_flags(ext)
        super().build_extension(ext)

    def add_unix_flags(self, ext: Extension) -> None:
        version = version_of(self.compiler.compiler_so[:1])
        clang = "clang" in version
        flags = ["-std=c11", "-fvisibility=hidden", "-pthread"]
        link = ["-pthread"]
        if sys.platform.startswith("linux"):
            # A static cJSON must not be visible to the rest of the process.
            link += ["-Wl,--exclude-libs,ALL"]
        if enabled("CONSENTPY_SANITIZE"):
            sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
            if clang:
                sanitizers.append("-shared-libsan")
            # Python's own flags may define signed overflow, fortify the C library and drop asserts.
            flags += [*sanitizers, "-fno-omit-frame-pointer", "-g", "-O1", "-fno-wrapv"]
            flags += ["-U_FORTIFY_SOURCE", "-UNDEBUG", "-DCNS_ARENA_APART"]
            link += sanitizers
        elif enabled("CONSENTPY_DEBUG"):
            flags += ["-g", "-O0", "-U_FORTIFY_SOURCE", "-UNDEBUG"]
        elif enabled("CONSENTPY_COVERAGE"):
            flags += ["-g", "-O0", "-U_FORTIFY_SOURCE", "--coverage"]
            link += ["--coverage"]
        else:
            flags += ["-O2", "-fno-semantic-interposition"]
            compiler = self.compiler.compiler_so[:1]
            if enabled("CONSENTPY_LTO", "1") and links_in_one(compiler, version):
                # The files of the core call each other all the time. In one piece, so that
                # functions keep the names by which benchmarks count them.
                flags.append("-flto")
                link += ["-flto", "-flto-partition=one", "-O2"]
        if enabled("CONSENTPY_WERROR"):
            # Python's headers are too noisy for the whole list; `make test-c` holds the core to it.
            flags += ["-Wall", "-Wextra", "-Wshadow", "-Wstrict-prototypes", "-Wvla", "-Werror"]
            flags += ["-Wno-missing-field-initializers", "-Wno-cast-function-type"]
            flags += ["-Wno-unused-parameter"]
        ext.extra_compile_args += flags
        ext.extra_link_args += link


setup(
    ext_modules=[
        Extension(
            "consentpy._core",
            sources=sorted(glob("csrc/core/*.c") + glob("csrc/py/*.c")),
            depends=[*sorted(glob("csrc/core/*.h") + glob("csrc/py/*.h")), "setup.py"],
            include_dirs=["csrc/core", "csrc/py"],
        )
    ],
    cmdclass={"build_ext": BuildExt},
)

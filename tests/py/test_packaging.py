"""What is shipped, what it exports, and what a build says when something is missing.

The tests marked slow build the project again; `SLOW=1 make test` runs them too.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import consentpy
import consentpy._core

ROOT = Path(__file__).resolve().parents[2]
LINUX = sys.platform.startswith("linux")
CACHES = ("__pycache__", "*.so", "*.pyc", "*.egg-info", ".*cache", ".hypothesis")


def run(*command: str | Path, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def exported_symbols(library: Path) -> set[str]:
    """Names that a shared library offers to the rest of the process."""
    listing = run("nm", "--dynamic", "--defined-only", "--format=posix", library)
    assert listing.returncode == 0, listing.stderr
    return {line.split()[0] for line in listing.stdout.splitlines()}


# ------------------------------------------------------------------- the installed package


def test_version_strings_agree() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.+)"$', project, re.MULTILINE)
    newest = re.search(r"^## (\d\S*)", changelog, re.MULTILINE)
    assert version and newest
    assert consentpy.__version__ == version[1]
    assert importlib.metadata.version("consentpy") == version[1]
    assert newest[1] == version[1]


def test_nothing_is_needed_at_run_time() -> None:
    requires = importlib.metadata.requires("consentpy") or []
    assert any("Django" in line for line in requires)
    assert [line for line in requires if "extra ==" not in line] == []


def test_command_line_entry_point() -> None:
    scripts = importlib.metadata.entry_points(group="console_scripts", name="consentpy")
    assert [script.value for script in scripts] == ["consentpy.cli:main"]
    assert callable(next(iter(scripts)).load())


@pytest.mark.skipif(not LINUX, reason="reads the symbol table of an ELF library")
def test_only_the_init_function_is_exported() -> None:
    assert exported_symbols(Path(consentpy._core.__file__)) == {"PyInit__core"}


# ------------------------------------------------------------------- messages of the build


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({"PKG_CONFIG": "no-such-pkg-config"}, id="no pkg-config"),
        pytest.param({"PKG_CONFIG_LIBDIR": os.devnull, "PKG_CONFIG_PATH": ""}, id="no libcjson"),
    ],
)
def test_missing_cjson_is_one_sentence(tmp_path: Path, environment: dict[str, str]) -> None:
    for name in ("CONSENTPY_CJSON_CFLAGS", "CONSENTPY_CJSON_LIBS"):
        if name in os.environ:
            pytest.skip(f"{name} is set, so pkg-config is not asked")
    build = run(
        sys.executable,
        *("setup.py", "--quiet", "build_ext", "--force"),
        *("--build-lib", tmp_path, "--build-temp", tmp_path),
        **environment,
    )
    assert build.returncode == 1
    (sentence,) = build.stderr.strip().splitlines()
    assert sentence.startswith("consentpy needs cJSON 1.7.15 or later")
    for word in (
        *("libcjson-dev", "cjson-devel", "brew install", "vcpkg install cjson"),
        *("CONSENTPY_CJSON_CFLAGS", "CONSENTPY_CJSON_LIBS"),
    ):
        assert word in sentence


def bootstrap(*parts: str, **env: str) -> subprocess.CompletedProcess[str]:
    return run("sh", ROOT / "tools" / "bootstrap.sh", *parts, **env)


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="the command printed is apt's")
def test_bootstrap_prints_the_command_to_run() -> None:
    answer = bootstrap("c", PKG_CONFIG="no-such-pkg-config", CONSENTPY_APT="no")
    assert answer.returncode == 1
    assert "pkg-config: missing" in answer.stdout
    assert answer.stderr.splitlines()[1:] == [
        "    sudo sh -c 'apt-get update && apt-get install -y pkg-config libcjson-dev'"
    ]


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"CC": "no-such-compiler"}, "CC=no-such-compiler is no working C compiler"),
        ({"PYTHON": "no-such-python"}, "PYTHON=no-such-python is not a Python 3.10 or later"),
    ],
)
def test_bootstrap_keeps_to_what_was_chosen(environment: dict[str, str], sentence: str) -> None:
    answer = bootstrap("c", "python", CONSENTPY_APT="no", **environment)
    assert answer.returncode == 1
    assert sentence in answer.stderr


# ------------------------------------------------------------------- rules for the tree


def check_tree(root: Path) -> subprocess.CompletedProcess[str]:
    return run("sh", root / "tools" / "check_tree.sh", cwd=root)


def test_the_tree_keeps_its_own_rules() -> None:
    answer = check_tree(ROOT)
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize(
    ("path", "text", "complaint"),
    [
        ("docs/a.md", "see /ro" + "ot/notes", "a path of one machine"),
        ("csrc/core/a.c", "#include <Python.h>", "the core includes Python.h"),
        ("csrc/core/a.c", "cJSON_GetObject" + 'Item(x, "a");', "a cJSON call"),
        ("csrc/core/a.c", "cJSON_Get" + "ErrorPtr();", "a cJSON call"),
        ("csrc/py/a.c", "#include <cjson/cJSON.h>", "cJSON outside the core"),
        ("csrc/core/cJSON.c", "", "a copy of cJSON"),
        ("csrc/core/b.c", "#include <cjson/cJSON.h>", "more than one file"),
        ("consentpy/a.py", "# TO" + "DO", "work left open"),
    ],
)
def test_a_broken_rule_is_named(tmp_path: Path, path: str, text: str, complaint: str) -> None:
    for name, content in (
        ("tools/check_tree.sh", (ROOT / "tools" / "check_tree.sh").read_text(encoding="utf-8")),
        ("csrc/core/door.c", "#include <cjson/cJSON.h>\n"),
    ):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
    clean = check_tree(tmp_path)
    assert clean.returncode == 0, clean.stderr

    target = tmp_path / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text + "\n", encoding="utf-8")
    broken = check_tree(tmp_path)
    assert broken.returncode == 1
    assert broken.stderr.startswith(complaint)
    assert path in broken.stderr


# ------------------------------------------------------------------- what is shipped


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, made from a copy without leftovers of earlier builds, unpacked."""
    work = tmp_path_factory.mktemp("sdist")
    leave_out = shutil.ignore_patterns(*CACHES, ".git", ".venv", "build", "dist")
    shutil.copytree(ROOT, work / "tree", ignore=leave_out)
    hook = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
    build = run(sys.executable, "-c", hook, work, cwd=work / "tree")
    assert build.returncode == 0, build.stderr
    (archive,) = work.glob("consentpy-*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(
            work / "unpacked", **({"filter": "data"} if hasattr(tarfile, "data_filter") else {})
        )
    return work / "unpacked" / archive.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from that source distribution alone, unpacked.

    Beside cJSON it links an archive with a public function, which has to stay inside.
    """
    work = tmp_path_factory.mktemp("wheel")
    (work / "probe.c").write_text(
        "int probe(void);\nint probe(void) { return 1; }\n", encoding="ascii"
    )
    compiler = os.environ.get("CC", "cc").split()
    for command in (
        [*compiler, "-fPIC", "-c", work / "probe.c", "-o", work / "probe.o"],
        ["ar", "rcs", work / "libprobe.a", work / "probe.o"],
    ):
        made = run(*command, cwd=work)
        assert made.returncode == 0, made.stderr
    flags = {
        name: os.environ.get(f"CONSENTPY_CJSON_{name}")
        or run("pkg-config", f"--{name.lower()}", "libcjson").stdout.strip()
        for name in ("CFLAGS", "LIBS")
    }
    build = run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"),
        *("--wheel-dir", work, sdist),
        cwd=work,
        CONSENTPY_CJSON_CFLAGS=flags["CFLAGS"],
        CONSENTPY_CJSON_LIBS=f"-Wl,--undefined=probe {work}/libprobe.a {flags['LIBS']}",
    )
    assert build.returncode == 0, build.stderr
    (archive,) = work.glob("consentpy-*.whl")
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(work / "unpacked")
    return work / "unpacked"


def files_below(folder: Path) -> set[str]:
    """Paths of the files that belong to the project, relative to the folder."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in (".so", ".pyc")
    }


@pytest.mark.slow
def test_the_sdist_has_what_a_build_and_the_tests_need(sdist: Path) -> None:
    for folder in ("csrc", "consentpy", "tests", "tools"):
        assert files_below(ROOT / folder) - files_below(sdist / folder) == set()
    for name in ("pyproject.toml", "setup.py", "Makefile", "LICENSE", "README.md", "CHANGELOG.md"):
        assert (sdist / name).is_file()
    assert not list(sdist.rglob("*.so"))


@pytest.mark.slow
def test_the_wheel_has_the_whole_package_and_nothing_else(wheel: Path) -> None:
    package = files_below(ROOT / "consentpy")
    assert {"py.typed", "_core.pyi", "__init__.py"} <= package
    assert files_below(wheel / "consentpy") == package
    assert len(list((wheel / "consentpy").glob("_core.*.so"))) == 1
    (information,) = wheel.glob("consentpy-*.dist-info")
    assert {path.name for path in wheel.iterdir()} == {"consentpy", information.name}
    assert (information / "licenses" / "LICENSE").is_file()


@pytest.mark.slow
def test_the_wheel_runs_away_from_the_tree(wheel: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import consentpy, consentpy._core; "
        "print(consentpy.__file__)"
    )
    answer = run(sys.executable, "-I", "-c", program, wheel, cwd=wheel)
    assert answer.returncode == 0, answer.stderr
    assert Path(answer.stdout.strip()) == wheel / "consentpy" / "__init__.py"


@pytest.mark.slow
@pytest.mark.skipif(not LINUX, reason="reads the symbol table of an ELF library")
def test_a_static_library_stays_inside(wheel: Path) -> None:
    (extension,) = (wheel / "consentpy").glob("_core*.so")
    # It is in there, which shows that the linker was given something to hide.
    assert " probe\n" in run("nm", extension).stdout
    assert exported_symbols(extension) == {"PyInit__core"}

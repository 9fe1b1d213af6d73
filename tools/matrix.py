"""The tests of the web stacks against an installed wheel, in one environment for each pair of a
Python and a Django: `make matrix`.

    python tools/matrix.py                     all cells
    python tools/matrix.py 3.12/6.0 3.11/4.2   some of them

A cell whose Python is not there is skipped, and the reason is told. Pythons are looked for as
`python3.X` on the PATH and below the folder of pyenv. Environments stay in build/matrix, so a
second run installs the new wheel only. Exit code 1 when a cell failed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "build" / "matrix"
NEWEST = "newest"
CELLS = (
    ("3.11", "4.2"),
    ("3.10", "5.2"),
    ("3.11", "5.2"),
    ("3.12", "5.2"),
    ("3.13", "5.2"),
    ("3.12", "6.0"),
    ("3.13", "6.0"),
    ("3.12", NEWEST),
    ("3.13", NEWEST),
)
TESTS = (
    "test_django_[!d]*.py",  # not the demo, which is a site of its own
    "test_web_*.py",
    "test_flask.py",
    "test_flask_[!d]*.py",
    "test_guard.py",
    "test_asgi.py",
    "test_wsgi.py",
    "test_deferred.py",
    "test_geoip.py",
    "test_lint.py",
    "test_sdk_site.py",
    "test_vendor_cookies*.py",
)


class Failed(Exception):
    """A step of a cell did not succeed; the text is what it printed last."""


def main(wanted: list[str]) -> int:
    known = [f"{python}/{django}" for python, django in CELLS]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"there is no cell {unknown[0]}; there are {', '.join(known)}")
        return 2
    rows = []
    for python, django in CELLS:
        name = f"{python}/{django}"
        if wanted and name not in wanted:
            continue
        interpreter = find(python)
        if interpreter is None:
            rows.append((name, "skipped", f"there is no Python {python} here"))
            continue
        print(f"--- Python {python}, Django {django}", flush=True)
        try:
            rows.append((name, "passed", cell(python, django, interpreter)))
        except Failed as failure:
            print(failure)
            rows.append((name, "FAILED", str(failure).strip().rpartition("\n")[2]))
    for name, result, detail in rows:
        print(f"{name:<12} {result:<8} {detail}")
    return int(any(result == "FAILED" for _, result, _ in rows))


def find(version: str) -> Path | None:
    """An interpreter of this version that runs: a shim may stand for one that is not there."""
    candidates = [Path(found)] if (found := shutil.which(f"python{version}")) else []
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates += sorted(versions.glob(f"{version}.*/bin/python{version}"), reverse=True)
    for path in candidates:
        asked = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"
        done = subprocess.run([path, "-c", asked], capture_output=True, text=True, check=False)
        told = done.stdout.split(maxsplit=1)
        if done.returncode == 0 and told[:1] == [version]:
            return Path(told[1].strip())
    return None


def cell(python: str, django: str, interpreter: Path) -> str:
    """Run one cell; the last line of pytest. Failed otherwise."""
    folder = OUT / f"{python}-{django}"
    inside = folder / "bin" / "python"
    if not inside.exists():
        run([interpreter, "-m", "venv", folder])
    install = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    wheel = build(python, inside, install)
    pin = "Django" if django == NEWEST else f"Django=={django}.*"
    run([*install, "--upgrade", pin, f"{wheel}[test]"])
    run([*install, "--force-reinstall", "--no-deps", wheel])
    where = run([inside, "-c", "import consentpy; print(consentpy.__file__)"], cwd=folder)
    if not where.startswith(str(folder)):
        raise Failed(f"the tests would see {where.strip()}, not the wheel")
    files = sorted(path for name in TESTS for path in (ROOT / "tests" / "py").glob(name))
    told = run([inside, "-m", "pytest", "-q", "-c", ROOT / "pyproject.toml", *files], cwd=folder)
    version = run([inside, "-c", "import django; print(django.get_version())"], cwd=folder)
    return f"Django {version.strip()}: {told.strip().rpartition(chr(10))[2]}"


def build(python: str, inside: Path, install: list[object]) -> Path:
    """The wheel for this Python, made once a run."""
    folder = OUT / f"wheel-{python}"
    if python not in _BUILT:
        shutil.rmtree(folder, ignore_errors=True)
        # From a copy: what an earlier build has left in build/lib would go into the wheel.
        source = OUT / "source"
        shutil.rmtree(source, ignore_errors=True)
        for name in ("consentpy", "csrc"):
            left = shutil.ignore_patterns("*.so", "__pycache__")
            shutil.copytree(ROOT / name, source / name, ignore=left)
        for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, source)
        run([*install, "setuptools>=77"])
        command = [inside, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
        run([*command, "--wheel-dir", folder, source])
        _BUILT.add(python)
    (wheel,) = folder.glob("*.whl")
    return wheel


_BUILT: set[str] = set()


def run(command: list[object], cwd: Path = ROOT) -> str:
    """What a command prints. Failed when it does not succeed."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failed(done.stdout[-4000:])
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

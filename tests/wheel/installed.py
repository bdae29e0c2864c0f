"""The wheel, built and installed in environments that have what each needs and nothing else.

What is needed is linked from the environment of the tests: nothing is downloaded.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


def build(folder: Path, source: Path = ROOT) -> Path:
    """Build the wheel with what the project says it takes, as an isolated build does (PEP 517)."""
    project = tomllib.loads((source / "pyproject.toml").read_text())
    needed = [Requirement(text) for text in project["build-system"]["requires"]]
    python = environment(folder / "venv", needed) / "python"
    program = f"from hatchling.build import build_wheel; build_wheel({str(folder)!r})"
    run([python, "-c", program], cwd=source)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """Install a wheel into an environment of its own, and return the folder of its programs."""
    found = environment(folder, ())
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--python", found / "python", "install", "--no-deps", "--no-index", wheel], cwd=ROOT)
    (info,) = folder.glob("lib/python*/site-packages/jotgraph-*.dist-info")
    link(folder, required(Distribution.at(info)))
    return found


def environment(folder: Path, needed: Iterable[Requirement]) -> Path:
    """Make an environment with what is needed, and return the folder of its programs."""
    venv.create(folder, with_pip=False, symlinks=True)
    link(folder, needed)
    return folder / "bin"


def link(folder: Path, needed: Iterable[Requirement]) -> None:
    """Put what is needed, and what that requires, into an environment."""
    (site,) = folder.glob("lib/python*/site-packages")
    for dist in closure(needed):
        for part in parts(dist):
            (site / part.name).symlink_to(part)
        for program in programs(dist):
            (folder / "bin" / program.name).symlink_to(program)


def closure(needed: Iterable[Requirement]) -> list[Distribution]:
    """Everything that is required, without extras that nothing names."""
    found: dict[str, Distribution] = {}
    todo = list(needed)
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        if name not in found:
            found[name] = distribution(requirement.name)
            todo += required(found[name], frozenset(requirement.extras))
    return list(found.values())


def required(dist: Distribution, extras: frozenset[str] = frozenset()) -> Iterator[Requirement]:
    """What a distribution requires, by itself and for extras."""
    for text in dist.requires or ():
        requirement = Requirement(text)
        wanted = [{"extra": extra} for extra in ("", *extras)]
        if not requirement.marker or any(map(requirement.marker.evaluate, wanted)):
            yield requirement


def parts(dist: Distribution) -> set[Path]:
    """The files and folders of a distribution at the top of its site-packages."""
    tops = {path.parts[0] for path in dist.files or ()}
    base = Path(str(dist.locate_file("")))
    return {base / top for top in tops if top not in ("..", "__pycache__")}


def programs(dist: Distribution) -> set[Path]:
    """The programs that a distribution installs."""
    paths = (path for path in dist.files or () if path.parts[0] == "..")
    return {Path(str(dist.locate_file(path))) for path in paths if path.parent.name == "bin"}


def run(command: list[str | Path], *, cwd: Path) -> None:
    """Run a command that reads no settings. Raises AssertionError with what it said."""
    env = {"PATH": "/usr/bin:/bin", "PIP_CONFIG_FILE": "/dev/null"}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

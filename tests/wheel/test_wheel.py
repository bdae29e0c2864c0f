"""The wheel has all of the package, and works in an environment with what it requires alone."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from jotgraph import store
from jotgraph.cli import cli
from jotgraph.cli.completion import script
from jotgraph.cli.man import page
from jotgraph.sandbox.server import MOTO
from jotgraph.version import __version__
from tests.functional.estate import estate
from tests.wheel.installed import ROOT, build, install

pytestmark = pytest.mark.in_ci


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a fresh environment."""
    return install(wheel, tmp_path_factory.mktemp("installed") / "venv")


def run(
    programs: Path, folder: Path, *words: str, program: str = "jotgraph"
) -> subprocess.CompletedProcess[str]:
    """Run a program of the environment as a user's shell does, and nothing of the source tree."""
    return subprocess.run(
        [programs / program, *words],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )


def tracked(folder: str) -> set[str]:
    """Files of a folder of this repository that git knows, or would not ignore."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", folder],
        capture_output=True,
        text=True,
        check=True,
    )
    return {line for line in listed.stdout.splitlines() if (ROOT / line).exists()}


def test_every_file_of_the_package_is_in_it(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    inside = tracked("jotgraph")
    assert {"jotgraph/py.typed", "jotgraph/render/html/page.js"} <= inside
    assert {name for name in names if name.startswith("jotgraph/")} == inside


def test_schemas_the_manual_page_and_completions_are_beside_it(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    base = f"jotgraph-{__version__}.data/data/share/"
    shared = {
        name.removeprefix(base): archive.read(name).decode()
        for name in archive.namelist()
        if name.startswith(base)
    }
    schemas = {f"jotgraph/schema/{Path(name).name}" for name in tracked("docs/schema")}
    assert shared.keys() == schemas | {
        "man/man1/jotgraph.1",
        "bash-completion/completions/jotgraph",
        "zsh/site-functions/_jotgraph",
        "fish/vendor_completions.d/jotgraph.fish",
    }
    assert shared["man/man1/jotgraph.1"] == page(cli)
    assert shared["bash-completion/completions/jotgraph"] == script(cli, "bash")


def test_it_says_its_version(programs: Path, tmp_path: Path) -> None:
    done = run(programs, tmp_path, "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"jotgraph, version {__version__}\n"


def test_it_is_not_the_source_tree(programs: Path, tmp_path: Path) -> None:
    where = "import jotgraph; print(jotgraph.__file__)"
    done = run(programs, tmp_path, "-c", where, program="python")
    assert done.stdout.startswith(str(programs.parent / "lib"))


@pytest.mark.parametrize(
    "words",
    [
        ("summary",),
        ("costs",),
        ("ls", "--format", "csv"),
        ("orphans",),
        ("plan", "delete", "billing"),
        ("check", "--policy", "policy.toml", "--format", "sarif"),
        ("render", "-o", "estate.svg"),
        ("render", "-o", "estate.png"),
        ("render", "-o", "estate.html"),
    ],
    ids=" ".join,
)
def test_commands_work_with_what_it_requires(
    programs: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    store.save(estate(), tmp_path / "estate.jsonl.zst")
    (tmp_path / "policy.toml").write_text("max_orphans = 100\n")
    done = run(programs, tmp_path, *words, "--from", "estate.jsonl.zst")
    assert done.returncode == 0, done.stderr
    drawn = words[-1].startswith("estate.")
    assert (tmp_path / words[-1]).stat().st_size > 1000 if drawn else done.stdout


def test_a_scan_works_with_what_it_requires(programs: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path / "shop"], check=True)
    done = run(programs, tmp_path, "scan", "--no-aws", "--no-docker", "--git", "shop")
    assert done.returncode == 0, done.stderr


def test_the_demo_says_in_one_line_what_is_missing(programs: Path, tmp_path: Path) -> None:
    done = run(programs, tmp_path, "demo")
    assert (done.returncode, done.stdout, list(tmp_path.iterdir())) == (4, "", [])
    (line,) = done.stderr.splitlines()
    assert line.endswith(f"python -m pip install '{MOTO}'")

"""The command ``jotgraph build`` where no engine is asked, or none answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import jotgraph
from jotgraph.cli import cli
from jotgraph.errors import BuildError
from jotgraph.store.folders import runs_folder
from tests.deploy.build.folders import DOCKERFILE, HANDLER, committed, sources
from tests.deploy.build.test_preparation import AWS, SLIM


def run(*words: str) -> Result:
    """Run it where there is no engine."""
    nowhere = {"DOCKER_HOST": "unix:///nonexistent/docker.sock", "COLUMNS": "100"}
    return CliRunner().invoke(cli, ["build", *words], env=nowhere)


@pytest.mark.parametrize(
    ("words", "expected"),
    [((), AWS), (("--base", "aws"), AWS), (("--base", "slim", "--python", "3.12"), SLIM)],
)
def test_the_dockerfile_is_printed(tmp_path: Path, words: tuple[str, ...], expected: str) -> None:
    folder = committed(tmp_path / "r", {"app.py": HANDLER}).path
    result = run(f"{folder}:app.handler", "--print-dockerfile", *words)
    assert (result.exit_code, result.stdout, result.stderr) == (0, expected, "")
    assert sorted(path.name for path in folder.iterdir()) == [".git", "app.py"]


def test_the_dockerfile_of_the_folder_is_printed(tmp_path: Path) -> None:
    folder = committed(tmp_path / "r", {"Dockerfile": DOCKERFILE}).path
    assert run(str(folder), "--print-dockerfile").stdout == DOCKERFILE


def test_no_engine(tmp_path: Path) -> None:
    folder = committed(tmp_path / "r", sources()).path
    result = run(f"{folder}:app.handler")
    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr == (
        "jotgraph: no Docker engine could be reached (No such file or directory); start the engine"
        " or set DOCKER_HOST\n"
    )
    assert not runs_folder().exists()


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (("--print-dockerfile",), 1, "jotgraph: app.py:1: Python 3"),
        (("--label", "x"), 2, "Invalid value for '--label': 'x' is not NAME=VALUE"),
        (("--platform", "linux/386"), 2, "is not one of"),
        (("--base", "a b"), 2, "jotgraph: --base takes aws, slim or an image"),
        (("--tag", "A"), 2, "jotgraph: 'A' is not a name for an image"),
        (("--build-arg", "a-b=c"), 2, "jotgraph: 'a-b' is not the name of a build argument"),
    ],
)
def test_what_cannot_be_built(
    tmp_path: Path, words: tuple[str, ...], code: int, expected: str
) -> None:
    folder = committed(tmp_path / "r", {"app.py": "def handler(a, b)\n"}).path
    result = run(f"{folder}:app.handler", *words)
    assert result.exit_code == code, result.stderr
    assert expected in result.stderr


def test_nothing_to_generate_from(tmp_path: Path) -> None:
    assert run(str(tmp_path), "--print-dockerfile").exit_code == 2


def test_the_library_says_so_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    folder = committed(tmp_path / "r", {"app.py": HANDLER}).path
    assert jotgraph.validate(folder, "app.handler").findings == ()
    with pytest.raises(BuildError, match="no Docker engine could be reached"):
        jotgraph.build_image(folder, "app.handler", jotgraph.BuildOptions(tags=("a",)))

"""``jotgraph content``: archives and packages against a repository, no engine needed."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from jotgraph.cli.content import content as command
from tests.content.images import layer, saved
from tests.functional.conftest import Run
from tests.functional.test_cli_json import problems
from tests.rig.git import new_repository

MODULES = {f"m{n}.py": f"value = {n}\n" * 20 for n in range(3)}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A repository of one commit (returned), an image of it, one that was edited, and no image."""
    repository = new_repository(tmp_path / "shop")
    sha = repository.commit({f"src/{name}": text for name, text in MODULES.items()})
    files = {f"srv/{name}": text.encode() for name, text in MODULES.items()}
    history = ["COPY src /srv # buildkit"]
    (tmp_path / "good.tar").write_bytes(saved([layer(files)], history))
    edited = files | {"srv/m1.py": b"edited\n"}
    (tmp_path / "edited.tar").write_bytes(saved([layer(edited)], history))
    (tmp_path / "bad.tar").write_bytes(b"no image at all" * 100)
    monkeypatch.chdir(tmp_path)
    return sha


def test_table(run: Run, shop: str) -> None:
    result = run("content", "good.tar", "edited.tar", "--git", "shop", "--cache", "cache")
    assert result.exit_code == 0
    assert [" ".join(line.split()) for line in result.stdout.splitlines()] == [
        "Image Repository Verdict Commits Files",
        f"edited.tar shop nearest {shop[:9]} 2 equal; 1 modified: srv/m1.py",
        f"good.tar shop exact {shop[:9]} 3 equal",
    ]


@pytest.mark.parametrize("name", ["code.zip", "folder"])
def test_a_package_or_folder_is_a_row(run: Run, shop: str, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with ZipFile(tmp_path / "code.zip", "w") as archive:
        for module, text in MODULES.items():
            archive.writestr(module, text)
            (folder / module).write_text(text)
    result = run("content", f"./{name}", "--git", "shop", "--cache", "cache")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [" ".join(line.split()) for line in result.stdout.splitlines()] == [
        "Image Repository Verdict Commits Files",
        f"./{name} shop exact {shop[:9]} 3 equal",
    ]


def test_json(run: Run, shop: str) -> None:
    result = run("content", "good.tar", "--git", "shop", "--cache", "cache", "--format", "json")
    answer = json.loads(result.stdout)
    assert answer["format"] == "jotgraph/content/1"
    assert answer["gaps"] == []
    (match,) = answer["content"]
    assert match == {
        "resource": "local-image:good.tar",
        "repository": "shop",
        "verdict": "exact",
        "commits": [shop],
        "count": 1,
        "newest": shop,
        "oldest": shop,
        "runs": [],
        "refs": ["HEAD", "refs/heads/main"],
        "maps": [{"image": "srv", "repository": "src"}],
        "packages": [],
        "matched": 3,
        "held": 0,
        "by_run": 0,
        "modified": [],
        "modified_count": 0,
        "renamed": [],
        "renamed_count": 0,
        "line_ends": [],
        "line_ends_count": 0,
        "published": [],
        "published_count": 0,
        "lacking": [],
        "lacking_count": 0,
        "unexplained": [],
        "unexplained_count": 0,
        "dependencies": [],
        "dependencies_count": 0,
        "layers_read": 1,
        "layers_left": 0,
        "shallow": False,
        "facts": [],
        "touched": {"commits": [], "inputs": [], "cut": False, "gone": []},
    }


def test_json_keeps_to_its_schema(run: Run, shop: str, tmp_path: Path) -> None:
    files = {f"srv/{name}": text.encode() for name, text in MODULES.items()}
    named = files | {"srv/REVISION": shop.encode(), "srv/lib/VERSION": b"1.0+g" + shop[:9].encode()}
    (tmp_path / "named.tar").write_bytes(saved([layer(named)], ["COPY src /srv # buildkit"]))
    words = ("content", "named.tar", "bad.tar", "edited.tar", "--git", "shop", "--cache", "cache")
    answer = json.loads(run(*words, "--format", "json").stdout)
    assert problems(answer) == []
    facts = answer["content"][1]["facts"]
    assert [(fact["path"], fact["revision"], fact["package"]) for fact in facts] == [
        ("srv/REVISION", shop, False),
        ("srv/lib/VERSION", shop[:9], True),
    ]
    shown = " ".join(run(*words).stdout.split())
    assert f"srv/REVISION says {shop[:9]}" in shown
    assert "VERSION says" not in shown


def test_what_cannot_be_read_is_an_error(run: Run, shop: str) -> None:
    result = run("content", "bad.tar", "--git", "shop", "--cache", "cache")
    assert (result.exit_code, result.stdout) == (4, "")
    assert "content read layers in local-image:bad.tar: error" in result.stderr
    assert result.stderr.endswith("jotgraph: it could not be compared\n")


def test_outside_of_any_repository(run: Run, shop: str) -> None:
    result = run("content", "good.tar", "--cache", "cache")
    assert result.exit_code == 2
    assert "--git PATH" in result.stderr


def test_help_has_an_example() -> None:
    assert command.epilog is not None
    assert command.epilog.startswith("Example: jotgraph content")

"""Where settings are looked for, and what is refused to be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jotgraph.errors import OptionError
from jotgraph.settings.files import LARGEST, project_file, read_toml, user_file


def test_a_project_is_looked_for_up_to_the_root_of_its_repository(tmp_path: Path) -> None:
    root, below = tmp_path / "shop", tmp_path / "shop" / "functions" / "checkout"
    below.mkdir(parents=True)
    (root / ".git").mkdir()
    (tmp_path / "jotgraph.toml").touch()
    assert project_file(below) is None
    (root / "jotgraph.toml").touch()
    assert project_file(below) == root / "jotgraph.toml"
    (root / "functions" / "jotgraph.toml").touch()
    assert project_file(below) == root / "functions" / "jotgraph.toml"


def test_outside_of_a_repository_only_the_directory_itself_is_looked_at(tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    (tmp_path / "jotgraph.toml").touch()
    assert project_file(below) is None
    assert project_file(tmp_path) == tmp_path / "jotgraph.toml"


def test_a_worktree_has_a_file_for_its_root(tmp_path: Path) -> None:
    below = tmp_path / "src"
    below.mkdir()
    (tmp_path / ".git").write_text("gitdir: elsewhere")
    (tmp_path / "jotgraph.toml").touch()
    assert project_file(below) == tmp_path / "jotgraph.toml"


def test_the_users_file_is_where_the_platform_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/etc/of/ada")
    assert user_file() == Path("/etc/of/ada/jotgraph/config.toml")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "jotgraph.toml")
    assert project_file(tmp_path) is None
    with pytest.raises(OptionError, match="is not a regular file"):
        read_toml(tmp_path / "jotgraph.toml")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"x = " + b'"' + b"a" * LARGEST + b'"', "has more than 262,144 bytes"),
        (b'x = "\xff"', "cannot be read: 'utf-8' codec"),
        (b"x = [", "is not TOML: "),
        (b"x = " + b"[" * 90_000, "is not TOML: "),
        (b"x = " + b"9" * 5_000, "is not TOML: "),
    ],
)
def test_what_cannot_be_read_is_an_error_with_the_file(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "jotgraph.toml"
    path.write_bytes(content)
    with pytest.raises(OptionError) as raised:
        read_toml(path)
    assert str(raised.value).startswith(f"{path} {message}")


def test_the_line_of_a_key(tmp_path: Path) -> None:
    path = tmp_path / "jotgraph.toml"
    path.write_text('[defaults]\n# ref\n"ref" = "main"\nkeep-images = 3\n[other.table]\n')
    file = read_toml(path)
    assert file.at("ref") == f"{path}, line 3"
    assert file.at("keep_images") == f"{path}, line 4"
    assert file.at("defaults") == f"{path}, line 1"
    assert file.at("table") == f"{path}, line 5"
    assert file.at("nowhere") == str(path)

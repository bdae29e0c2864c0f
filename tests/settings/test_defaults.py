"""What ``[defaults]`` may hold, and what a project and a user make together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jotgraph.analysis.usage import KEEP
from jotgraph.errors import OptionError
from jotgraph.policy_check.policy import Policy
from jotgraph.settings.defaults import (
    KEYS,
    POLICY_KEYS,
    SettingsLayer,
    defaults_of,
    effective,
    layers,
)
from jotgraph.settings.files import read_toml

PROJECT, USER = Path("/src/shop/jotgraph.toml"), Path("/home/ada/config.toml")


def parsed(folder: Path, text: str) -> dict[str, Any]:
    path = folder / "jotgraph.toml"
    path.write_text(text)
    return defaults_of(read_toml(path))


def test_every_key(tmp_path: Path) -> None:
    text = """
[defaults]
profiles = ["prod"]
regions = ["eu-west-1", "us-east-1"]
accounts = "accounts.txt"
role_arn = "arn:aws:iam::{account}:role/jotgraph"
external-id = "ours"
git = [".", "../lib", "/src/other"]
ref = "main"
name = "prod"
max-age = "12h"
keep_tags = ["v*"]
keep-images = 3
keep_days = 14
ignore = ["role-young"]
assume_no = ["batch"]
policy = "ci/policy.toml"
"""
    expected = {
        "profiles": ("prod",),
        "regions": ("eu-west-1", "us-east-1"),
        "accounts": f"{tmp_path}/accounts.txt",
        "role_arn": ("arn:aws:iam::{account}:role/jotgraph",),
        "external_id": "ours",
        "git": (f"{tmp_path}", f"{tmp_path}/../lib", "/src/other"),
        "ref": "main",
        "name": "prod",
        "max_age": "12h",
        "keep_tags": ("v*",),
        "keep_images": 3,
        "keep_days": 14,
        "ignore": ("role-young",),
        "assume_no": ("batch",),
        "policy": f"{tmp_path}/ci/policy.toml",
    }
    assert parsed(tmp_path, text) == expected
    assert tuple(expected) == KEYS


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("regionz = []", "unknown key [defaults] 'regionz'; did you mean 'regions'?"),
        (
            'on_event = "sh"',
            "unknown key [defaults] 'on_event'; known: profiles, regions, accounts, ",
        ),
        ("yes = true", "unknown key [defaults] 'yes'; known: "),
        ("accept_gaps = []", "unknown key [defaults] 'accept_gaps'; known: "),
        ('regions = "eu"', "[defaults] regions: a list is needed, not text"),
        ("ref = 3", "[defaults] ref: text is needed, not a whole number"),
        ("keep_images = -1", "[defaults] keep_images: Expected `int` >= 0"),
        ('keep_days = "soon"', "[defaults] keep_days: 'soon' is not a time span; write 14d, "),
        ("max_age = -1", "[defaults] max_age: '-1' is not a time span; write 14d, "),
        ('name = "a/b"', "[defaults] name: Expected `str` matching regex "),
        ('git = [""]', "[defaults] git: Expected `str` of length >= 1"),
    ],
)
def test_what_is_no_setting_is_an_error_with_its_line(
    tmp_path: Path, line: str, message: str
) -> None:
    with pytest.raises(OptionError) as raised:
        parsed(tmp_path, f"[defaults]\n\n{line}\n")
    assert str(raised.value).startswith(f"{tmp_path}/jotgraph.toml, line 3: {message}")


def test_a_table_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"line 1: \[defaults\] is not a table"):
        parsed(tmp_path, "defaults = 3\n")


def test_a_misspelt_table_of_either_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    project, own = tmp_path / "jotgraph.toml", tmp_path / "jotgraph" / "config.toml"
    project.write_text("max_orphans = 3\n[default]\n")
    with pytest.raises(OptionError, match="line 2: unknown key 'default'; did you mean 'defaults'"):
        layers(tmp_path)
    project.write_text("max_orphans = 3\n[defaults]\n")
    assert layers(tmp_path) == (SettingsLayer(project, True, {}),)
    own.parent.mkdir()
    own.write_text("max_orphans = 3\n")  # a policy belongs to a project
    with pytest.raises(OptionError, match=f"{own}, line 1: unknown key 'max_orphans'"):
        layers(tmp_path)
    own.write_text('[defaults]\nref = "main"\n')
    assert layers(tmp_path) == (
        SettingsLayer(project, True, {}),
        SettingsLayer(own, False, {"ref": "main"}),
    )


def test_the_keys_of_a_policy_are_known() -> None:
    assert set(POLICY_KEYS) == set(Policy.__struct_fields__)


def both(project: dict[str, Any], user: dict[str, Any]) -> dict[str, tuple[Any, tuple[Path, ...]]]:
    found = effective((SettingsLayer(PROJECT, True, project), SettingsLayer(USER, False, user)))
    return {key: (value.value, value.files) for key, value in found.items()}


def test_a_project_goes_before_a_user() -> None:
    assert both({"ref": "main"}, {"ref": "dev", "name": "prod"}) == {
        "ref": ("main", (PROJECT,)),
        "name": ("prod", (USER,)),
    }


@pytest.mark.parametrize(
    ("key", "project", "user", "expected"),
    [
        ("keep_images", 3, None, (3, (PROJECT,))),
        ("keep_images", 3, 5, (5, (USER,))),
        ("keep_images", 7, 5, (7, (PROJECT,))),
        ("keep_images", 0, None, None),
        ("keep_images", 0, 5, (5, (USER,))),
        ("keep_images", None, 0, (0, (USER,))),
        ("keep_days", "2w", 3, ("2w", (PROJECT,))),
        ("keep_days", 3, "2w", ("2w", (USER,))),
        ("keep_days", 0, None, None),
        ("keep_tags", ("v*",), None, ((*KEEP, "v*"), (PROJECT,))),
        ("keep_tags", ("v*",), ("r*",), (("r*", "v*"), (PROJECT, USER))),
        ("keep_tags", (), ("r*",), (("r*",), (PROJECT, USER))),
        ("keep_tags", None, ("r*",), (("r*",), (USER,))),
    ],
)
def test_a_project_adds_to_what_is_kept_and_takes_nothing_away(
    key: str, project: Any, user: Any, expected: Any
) -> None:
    def of(value: Any) -> dict[str, Any]:
        return {} if value is None else {key: value}

    assert both(of(project), of(user)).get(key) == expected

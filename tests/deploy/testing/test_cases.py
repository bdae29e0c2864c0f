"""The cases of a test, from files in pairs and from a folder; variables from files."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from jotgraph.deploy.testing.cases import Case, read_cases
from jotgraph.deploy.testing.environment import read_environment
from jotgraph.errors import OptionError


def written(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def test_pairs_and_a_folder_make_cases_with_digests(tmp_path: Path) -> None:
    folder = written(tmp_path / "cases", b__event__json="[1]", b__expect__json='{"a": 1}')
    files = written(tmp_path, order__event__json="{}", receipt__json="null")
    cases = read_cases(
        [files / "order.event.json"], [files / "receipt.json"], folder, match="subset"
    )
    assert cases == (
        Case("order", b"{}", {"$subset": None}, b"null"),
        Case("b", b"[1]", {"$subset": {"a": 1}}, b'{"a": 1}'),
    )
    assert cases[0].event_digest == f"sha256:{hashlib.sha256(b'{}').hexdigest()}"
    assert cases[0].expected_digest == f"sha256:{hashlib.sha256(b'null').hexdigest()}"


def test_an_event_alone_is_a_case_where_any_answer_will_do(tmp_path: Path) -> None:
    event = written(tmp_path, ping__json="1") / "ping.json"
    (case,) = read_cases([event], [], None, any_answer=True)
    assert (case, case.expected_digest) == (Case("ping", b"1", None), "")
    with pytest.raises(OptionError, match="1 --event and 0 --expect"):
        read_cases([event], [], None)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "has no case"),
        ({"a__event__json": "1"}, "has no a.expect.json beside it"),
        ({"a__expect__json": "1"}, "has no a.event.json beside it"),
        ({"a__event__json": "{", "a__expect__json": "1"}, "is not JSON"),
        ({"a__event__json": "1", "a__expect__json": '{"$what": 1}'}, "is none of"),
    ],
)
def test_what_is_no_case_is_refused(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    with pytest.raises(OptionError, match=reason):
        read_cases([], [], written(tmp_path / "cases", **files))


def test_two_cases_of_one_name_are_refused(tmp_path: Path) -> None:
    folder = written(tmp_path / "cases", a__event__json="1", a__expect__json="1")
    event = folder / "a.event.json"
    with pytest.raises(OptionError, match="two cases are called 'a'"):
        read_cases([event], [event], folder)
    with pytest.raises(OptionError, match="no case is named"):
        read_cases([], [], None)


def test_variables_are_read_as_docker_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEPT", "from here")
    monkeypatch.delenv("ABSENT", raising=False)
    first, second = tmp_path / "a.env", tmp_path / "b.env"
    first.write_text("# a comment\n\nA=1\nB= b=c \nKEPT\nABSENT\n")
    second.write_text("A=2\n")
    assert read_environment((first, second)) == {"A": "2", "B": " b=c ", "KEPT": "from here"}


def test_a_line_without_a_name_is_refused_without_its_value(tmp_path: Path) -> None:
    path = tmp_path / "a.env"
    path.write_text("A=1\nMY KEY=secret\n")
    with pytest.raises(OptionError) as caught:
        read_environment((path,))
    assert "line 2" in str(caught.value)
    assert "secret" not in str(caught.value)

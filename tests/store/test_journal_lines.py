"""The lines of a journal: what is damaged is known, what is whole is read."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.errors import ApplyError
from jotgraph.records import role_id
from jotgraph.store.journal import Journal, journal_path
from jotgraph.store.journal_lines import FINAL, JournalLine, decoded, encoded
from tests.strength import examples

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
TEXT = st.text(max_size=20)


def lines_of(count: int) -> list[bytes]:
    return [
        encoded(
            JournalLine(
                what="intent", at=NOON, line=line, number=line, steps=(role_id("1" * 12, "r"),)
            )
        )
        for line in range(1, count + 1)
    ]


def test_a_line_is_json_with_its_number_and_checksum() -> None:
    entry = JournalLine(what="step", at=NOON, line=1, result="done", because="it is \n gone")
    (line,) = encoded(entry).splitlines()
    plain = msgspec.json.decode(line)
    assert (plain["line"], plain["what"], plain["because"]) == (1, "step", "it is \n gone")
    assert len(plain["sum"]) == 16
    assert decoded(line + b"\n") == ([entry], 1, "", len(line) + 1)


def test_lines_without_numbers_are_read_as_those_of_before() -> None:
    old = msgspec.json.encode(JournalLine(what="run", at=NOON)) + b"\n"
    new = encoded(JournalLine(what="step", at=NOON, line=2))
    journal = decoded(old + new)
    assert ([entry.what for entry in journal.entries], journal.last, journal.damage) == (
        ["run", "step"],
        2,
        "",
    )
    assert decoded(old + new + old).damage == "line 3 is damaged"


@pytest.mark.parametrize(
    ("content", "damage", "left"),
    [
        (lines_of(4), "", [1, 2, 3, 4]),
        ([*lines_of(4), b'{"what":"cut o'], "", [1, 2, 3, 4]),
        (lines_of(4)[1:], "line 1 is missing", [2, 3, 4]),
        ([*lines_of(5)[:1], *lines_of(5)[4:]], "lines 2 to 4 are missing", [1, 5]),
        ([*lines_of(2), b"\0" * 40 + b"\n"], "line 3 is damaged", [1, 2]),
        ([*lines_of(2), b"\n", *lines_of(4)[3:]], "line 3 is damaged", [1, 2, 4]),
        ([*lines_of(3), *lines_of(2)[1:]], "line 4 is out of place", [1, 2, 3]),
        ([lines_of(3)[0], b"x\n", *lines_of(3)[1:]], "line 2 is damaged", [1, 2, 3]),
        ([b"[]\n"], "line 1 is damaged", []),
    ],
)
def test_damage(content: list[bytes], damage: str, left: list[int]) -> None:
    journal = decoded(b"".join(content))
    assert (journal.damage, [entry.line for entry in journal.entries]) == (damage, left)


@examples(80, many=300)
@given(
    st.lists(
        st.builds(JournalLine, what=TEXT, at=st.just(NOON), because=TEXT), min_size=2, max_size=6
    ),
    st.data(),
)
def test_whatever_happens_to_a_line_is_seen_and_nothing_is_made_up(
    entries: list[JournalLine], data: st.DataObject
) -> None:
    numbered = [msgspec.structs.replace(entry, line=at) for at, entry in enumerate(entries, 1)]
    content = b"".join(encoded(entry) for entry in numbered)
    at = data.draw(st.integers(0, len(content) - 2))
    spoiled = data.draw(
        st.sampled_from(
            (
                content[:at]
                + bytes([content[at] ^ data.draw(st.integers(1, 255))])
                + content[at + 1 :],
                content[:at] + b"\0" * data.draw(st.integers(1, 40)) + content[at:],
                content[:at] + content[at + data.draw(st.integers(1, 60)) :],
            )
        )
    )
    journal = decoded(spoiled)
    assert all(entry in numbered for entry in journal.entries)
    lost = [entry for entry in numbered if entry not in journal.entries]
    torn = journal.entries == numbered[: len(journal.entries)] and journal.size < len(spoiled)
    ended = journal.entries == numbered[: len(journal.entries)] and journal.size == len(spoiled)
    assert journal.damage or not lost or torn or ended


def test_a_damaged_journal_is_opened_by_those_alone_who_say_so(tmp_path: Path) -> None:
    path = journal_path(tmp_path)
    path.write_bytes(b"".join(lines_of(3)[:2]) + b"\0\0")
    with Journal(tmp_path) as journal:
        assert len(journal.entries) == 2  # a crash cut the third off
        journal.add("step")
    path.write_bytes(b"x\n" + b"".join(lines_of(3)[1:]) + b"half a li")
    with pytest.raises(ApplyError, match=r"is damaged \(line 1 is damaged\): jotgraph undo"):
        Journal(tmp_path)
    with Journal(tmp_path, damaged=True) as journal:
        assert journal.damage == "line 1 is damaged"
        journal.add("undo")
    written = decoded(path.read_bytes())
    assert [entry.line for entry in written.entries] == [2, 3, 4]
    assert written.damage == "line 1 is damaged; line 4 is damaged"


def test_a_journal_that_is_taken_away_stops_the_run(tmp_path: Path) -> None:
    """What is written to a file that has no name any more no undo reads."""
    calls: list[int] = []
    for take_away in (Path.unlink, lambda path: path.rename(path.with_name("old"))):
        with Journal(tmp_path / "run") as journal:
            path = journal.path
            journal.add("run")
            take_away(path)
            with pytest.raises(ApplyError, match="was removed or moved meanwhile"):
                journal.call((), "iam:DeleteRole", {}, partial(calls.append, 1))
            journal.call((), "iam:CreateRole", {}, partial(calls.append, 2), putting_back=True)
    assert calls == [2, 2]
    path.write_bytes(b"")  # somebody else's
    with Journal(tmp_path / "run") as journal:
        path.unlink()
        path.write_bytes(b"")
        with pytest.raises(ApplyError, match="was removed or moved meanwhile"):
            journal.add("run")


BETWEEN = "somebody else changed it while the run was interrupted: it stays as it is"
SINCE = "it was changed since by somebody else, and is left as it is"


@pytest.mark.parametrize(
    ("what", "because", "final"),
    [
        ("undo", BETWEEN, True),
        ("undo", SINCE, True),
        ("undo", f"{SINCE}; look at it", False),
        ("undo", "", False),
        ("step", SINCE, False),
    ],
)
def test_what_older_journals_say_in_words_alone_is_a_fact(
    what: str, because: str, final: bool
) -> None:
    line = encoded(JournalLine(what=what, at=NOON, line=1, because=because, params={"now": {}}))
    (entry,) = decoded(line).entries
    assert entry.params == {"now": {}, **({FINAL: True} if final else {})}


def test_what_a_journal_says_as_a_fact_is_so_whatever_the_words() -> None:
    line = encoded(JournalLine(what="undo", at=NOON, line=1, because="other", params={FINAL: True}))
    assert decoded(line).entries[0].params == {FINAL: True}

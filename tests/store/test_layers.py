"""Layers: any lines come back of a base and changes, and what is no layer is refused."""

from __future__ import annotations

from hashlib import sha256

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.store.layers import (
    LayerChange,
    LayeredLines,
    SnapshotLayerError,
    change_between,
    packed,
)
from tests.strength import examples

WORDS = st.lists(st.binary(min_size=1, max_size=12).filter(lambda line: b"\n" not in line))


def laid(*states: list[bytes]) -> LayeredLines:
    lines, before = LayeredLines(), list[bytes]()
    for state in states:
        lines.add(packed(change_between(before, state), before))
        before = state
    return lines


@examples(60, many=200)
@given(st.lists(WORDS, min_size=1, max_size=5))
def test_any_lines_come_back(states: list[list[bytes]]) -> None:
    assert laid(*states).all() == states[-1]


@examples(60, many=200)
@given(
    states=st.lists(st.lists(st.integers(0, 2000)), min_size=1, max_size=5),
    block=st.sampled_from((1, 7, 1 << 20)),
)
def test_what_any_lines_say_comes_back(states: list[list[int]], block: int) -> None:
    lines = laid(*([str(number).encode() for number in state] for state in states))
    assert lines.decoded(msgspec.json.Decoder(), block) == states[-1]


@pytest.mark.parametrize(
    ("before", "after", "edits", "fresh"),
    [
        ("abc", "abc", [(0, 3, 0)], ""),
        ("abc", "aXc", [(0, 1, 1), (1, 1, 0)], "X"),
        ("abc", "Xabc", [(0, 0, 1), (0, 3, 0)], "X"),
        ("abc", "abcX", [(0, 3, 1)], "X"),
        ("abc", "c", [(0, 0, 0), (2, 1, 0)], ""),
        ("abc", "", [(0, 0, 0)], ""),
        ("abcd", "dabc", [(0, 0, 1), (0, 3, 0)], "d"),  # one line moved: three stay
        ("ab", "aab", [(0, 1, 1), (1, 1, 0)], "a"),
    ],
)
def test_edits_take_what_is_unchanged(
    before: str, after: str, edits: list[tuple[int, int, int]], fresh: str
) -> None:
    was, now = ([letter.encode() for letter in text] for text in (before, after))
    change = change_between(was, now)
    assert b"".join(change.fresh).decode() == fresh
    assert laid(was, now).all() == now
    assert sum(take for _, take, _ in change.edits) == sum(take for _, take, _ in edits)


def test_a_moved_time_costs_little() -> None:
    digests = [sha256(b"%d" % number).hexdigest().encode() for number in range(1000)]
    before = [b'{"digest":"%s","at":"2026-01-01"}' % digest for digest in digests]
    after = [line.replace(b"01-01", b"02-01") for line in before]
    assert (
        len(packed(change_between(before, after), before))
        < len(packed(LayerChange([(0, 0, 1000)], before), ())) / 5
    )


def hostile(edits: object, lengths: object, text: bytes) -> bytes:
    pack = zstandard.ZstdCompressor().compress
    head = pack(msgspec.json.encode([edits, lengths]))
    return len(head).to_bytes(8, "big") + head + pack(text)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is damaged"),
        (b"not a layer at all", "is damaged"),
        (hostile("x", [], b""), "edits cannot be read"),
        (hostile([[0, 4, 0]], [], b""), "not of the lines below"),
        (hostile([[-1, 1, 0]], [], b""), "not of the lines below"),
        (hostile([[0, 1, -1]], [], b""), "not of the lines below"),
        (hostile([[0, 2, 0], [-2, 2, 0]], [], b""), "not of the lines below"),
        (hostile([[0, 0, 1 << 40]], [], b""), "not of the lines below"),
        (hostile([[0, 3, 0]], [2], b"x\n"), "not as many new lines"),
        (hostile([[0, 0, 1]], [3], b"x\n"), "not as long"),
        (hostile([[0, 0, 1]], [0], b""), "not as long"),
    ],
)
def test_what_is_no_layer_is_refused(content: bytes, why: str) -> None:
    lines = laid([b"a", b"b", b"c"])
    with pytest.raises(SnapshotLayerError, match=why):
        lines.add(content)
    assert lines.all() == [b"a", b"b", b"c"]


@pytest.mark.parametrize("lengths", [[4], [2, 1, 1]])
def test_lines_that_are_not_where_they_are_said_to_be(lengths: list[int]) -> None:
    lines = LayeredLines()
    lines.add(hostile([[0, 0, len(lengths)]], lengths, b"1\n2\n"))
    with pytest.raises(SnapshotLayerError, match="not as many lines"):
        lines.all()
    with pytest.raises((SnapshotLayerError, msgspec.DecodeError)):
        lines.decoded(msgspec.json.Decoder())


def test_a_bomb_is_refused_by_what_its_frame_says() -> None:
    size = 300 << 20
    packing = zstandard.ZstdCompressor().compressobj(size=size)
    zeros = b"".join(packing.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packing.flush()
    lines = laid([b"a"])
    with pytest.raises(SnapshotLayerError, match="more than any snapshot"):
        lines.add(len(zeros).to_bytes(8, "big") + zeros)

"""Whiteouts against a naive oracle, and the cases a person would think of."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.content.image.blobs import FileIds
from jotgraph.content.image.entries import EntryKind, LayerEntry
from jotgraph.content.image.whiteouts import merge

K = EntryKind
names = st.sampled_from(["a", "b", "c"])
paths = st.lists(names, min_size=1, max_size=3).map("/".join)
ids = st.integers(1, 9).map(lambda n: FileIds(n, bytes([n]) * 20))
entries = st.one_of(
    st.builds(LayerEntry, st.just(K.FILE), paths, ids),
    st.builds(LayerEntry, st.just(K.DIRECTORY), paths),
    st.builds(LayerEntry, st.just(K.OTHER), paths),
    st.builds(LayerEntry, st.just(K.WHITEOUT), paths),
    st.builds(LayerEntry, st.just(K.OPAQUE), st.one_of(st.just(""), paths)),
    st.builds(LayerEntry, st.just(K.HARDLINK), paths, st.none(), paths),
)
layers = st.lists(st.lists(entries, max_size=8), max_size=4)


def _under(path: str, directory: str) -> bool:
    return not directory or path.startswith(directory + "/")


def _naive(stack: Sequence[Sequence[LayerEntry]]) -> dict[str, FileIds]:
    """Every rule by a scan over all paths; a device is a file without ids."""
    seen: dict[str, FileIds | None] = {}
    for layer in stack:
        for entry in layer:
            if entry.kind is K.WHITEOUT:
                gone = [p for p in seen if p == entry.path or _under(p, entry.path)]
            elif entry.kind is K.OPAQUE:
                gone = [p for p in seen if _under(p, entry.path)]
            else:
                gone = []
            for path in gone:
                del seen[path]
        for entry in layer:
            if entry.kind in {K.WHITEOUT, K.OPAQUE}:
                continue
            content = entry.ids
            if entry.kind is K.HARDLINK:
                content = seen.get(entry.target)
            for path in list(seen):  # an ancestor that was a file becomes a directory
                if _under(entry.path, path):
                    del seen[path]
            if entry.kind is K.DIRECTORY:
                seen.pop(entry.path, None)
                continue
            for path in list(seen):
                if _under(path, entry.path):
                    del seen[path]
            seen[entry.path] = content
    return {path: content for path, content in seen.items() if content is not None}


@given(layers)
def test_merge_is_the_naive_reading(stack: list[list[LayerEntry]]) -> None:
    merged = merge(stack)
    assert {path: placed.ids for path, placed in merged.files.items()} == _naive(stack)
    assert not merged.files.keys() & merged.removed.keys()


def _file(path: str, n: int = 1) -> LayerEntry:
    return LayerEntry(K.FILE, path, FileIds(n, bytes([n]) * 20))


def test_a_whiteout_spares_its_own_layer() -> None:
    merged = merge([[_file("d/old"), _file("d/kept")], [_file("d/new"), LayerEntry(K.OPAQUE, "d")]])
    assert sorted(merged.files) == ["d/new"]
    assert sorted(merged.removed) == ["d/kept", "d/old"]


def test_removed_and_put_back_is_not_removed() -> None:
    merged = merge([[_file("a")], [LayerEntry(K.WHITEOUT, "a")], [_file("a", 2)]])
    assert merged.files["a"].layer == 2
    assert merged.removed == {}


def test_a_whiteout_does_not_take_a_namesake() -> None:
    assert sorted(merge([[_file("ab/x"), _file("a/x")], [LayerEntry(K.WHITEOUT, "a")]]).files) == [
        "ab/x"
    ]


def test_a_hard_link_to_a_lower_layer() -> None:
    merged = merge([[_file("a", 7)], [LayerEntry(K.HARDLINK, "b", None, "a")]])
    assert merged.files["b"].ids == merged.files["a"].ids
    assert merged.files["b"].layer == 1


@pytest.mark.parametrize("target", ["nowhere", "folder", "link/b"])
def test_a_hard_link_that_leads_to_no_file_hides_what_was_there(target: str) -> None:
    """An engine follows the symbolic link in its way: what is at its end is not known here."""
    below = [_file("a"), _file("folder/b", 2), LayerEntry(K.LINK, "link", _file("x").ids)]
    merged = merge([below, [LayerEntry(K.HARDLINK, "a", None, target)]])
    assert sorted(merged.files) == ["folder/b", "link"]
    assert merged.removed == {}


def test_a_path_of_two_thousand_directories() -> None:
    deep = "/".join("d" * 2000)
    assert list(merge([[_file(deep)]]).files) == [deep]

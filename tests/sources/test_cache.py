"""Blobs that are kept by digest."""

from __future__ import annotations

from pathlib import Path

from jotgraph.sources.cache import Cache, sha256_of

ONE, TWO = sha256_of(b"1"), sha256_of(b"2")


def test_all_digests_of_a_kind_are_told_at_once(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    assert cache.digests("pulls") == frozenset()
    cache.put("pulls", ONE, b"1")
    cache.put("pulls", TWO, b"2")
    cache.put("manifests", sha256_of(b"3"), b"3")
    (tmp_path / "cache" / "pulls" / ".DS_Store").write_bytes(b"")
    assert cache.digests("pulls") == {ONE, TWO}


def test_what_cannot_be_listed_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "pulls").write_bytes(b"")
    assert Cache(tmp_path).digests("pulls") == frozenset()

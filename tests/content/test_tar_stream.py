"""Layers as builders write them, and as an enemy would."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import subprocess
import tarfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.content.image.bounded_stream import LayerError, LayerLimits
from jotgraph.content.image.entries import EntryKind, LayerEntry
from jotgraph.content.image.tar_stream import read_layer
from jotgraph.sources.git.blob_ids import blob_id
from tests.content.images import digest, layer
from tests.strength import examples

FILES = {
    "var/task": None,
    "var/task/app.py": b"print('hello')\n",
    "./var/task/crlf.txt": b"one\r\ntwo\r\n",
    "/var/task/binary": b"\0\r\n" * 400,
    "var/task/link": ("link", "app.py"),
    "var/task/hard": ("hard", "var/task/app.py"),
    "var/task/exact": b"x" * 512,
    "var/.wh.old": b"",
    "opt/.wh..wh..opq": b"",
    "var/task/ünï.py": b"last line\n",
    "n" * 200 + ".py": b"a name that needs an extended header\n",
}


def _entries(data: bytes, **options: object) -> tuple[LayerEntry, ...]:
    return read_layer([data], None, **options).entries  # type: ignore[arg-type]


def test_every_kind_of_entry_in_order() -> None:
    got = [(entry.kind.name, entry.path, entry.target) for entry in _entries(layer(FILES))]
    assert got == [
        ("DIRECTORY", "var/task", ""),
        ("FILE", "var/task/app.py", ""),
        ("FILE", "var/task/crlf.txt", ""),
        ("FILE", "var/task/binary", ""),
        ("LINK", "var/task/link", ""),
        ("HARDLINK", "var/task/hard", "var/task/app.py"),
        ("FILE", "var/task/exact", ""),
        ("WHITEOUT", "var/old", ""),
        ("OPAQUE", "opt", ""),
        ("FILE", "var/task/ünï.py", ""),
        ("FILE", "n" * 200 + ".py", ""),
    ]


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_ids_are_what_git_says(tmp_path: Path, object_format: str) -> None:
    subprocess.run(
        ["git", "init", "-q", f"--object-format={object_format}", str(tmp_path)], check=True
    )
    contents = [b"print('hello')\n", b"one\r\ntwo\r\n", b"", b"\xff" * 5_000_000]
    for content in contents:
        (entry,) = _entries(layer({"f": content}), object_format=object_format)
        assert entry.ids is not None
        assert entry.ids.plain.hex() == _git_hash(tmp_path, content)
        if b"\r\n" in content:
            assert entry.ids.lf.hex() == _git_hash(tmp_path, content.replace(b"\r\n", b"\n"))


def _git_hash(repository: Path, content: bytes) -> str:
    command = ["git", "-C", str(repository), "hash-object", "--stdin", "--no-filters"]
    return (
        subprocess.run(command, input=content, capture_output=True, check=True)
        .stdout.decode()
        .strip()
    )


@pytest.mark.parametrize("size", [1024, 5_000_000])
def test_lfs_pointer(size: int) -> None:
    content = b"\x01" * size
    pointer = (
        "version https://git-lfs.github.com/spec/v1\n"
        f"oid sha256:{hashlib.sha256(content).hexdigest()}\nsize {size}\n"
    ).encode()
    (entry,) = _entries(layer({"model.bin": content}))
    assert entry.ids is not None
    assert entry.ids.lfs == blob_id(pointer)


@pytest.mark.parametrize("chunk", [1, 7, 512, 1 << 20])
def test_compression_and_chunks_change_nothing(chunk: int) -> None:
    plain = layer(FILES)
    half = len(plain) // 2
    packed = [
        plain,
        gzip.compress(plain, mtime=0),
        gzip.compress(plain[:half], mtime=0) + gzip.compress(plain[half:], mtime=0) + bytes(9),
        zstandard.compress(plain),
        zstandard.compress(plain[:half]) + zstandard.compress(plain[half:]),
    ]
    for data in packed:
        pieces = [data[at : at + chunk] for at in range(0, len(data), chunk)]
        got = read_layer(pieces, digest(plain), blob_digest=digest(data))
        assert got == read_layer([plain], None)


def test_empty_layers() -> None:
    assert _entries(bytes(1024)) == ()


def test_wrong_digests() -> None:
    data = gzip.compress(layer(FILES), mtime=0)
    with pytest.raises(LayerError, match="wrong digest"):
        read_layer([data], digest(b"something else"))
    with pytest.raises(LayerError, match="wrong digest"):
        read_layer([data], None, blob_digest=digest(b"something else"))


def test_devices_hold_nothing() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for kind in (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo(f"dev/{kind.decode()}")
            info.type = kind
            tar.addfile(info)
    assert {entry.kind for entry in _entries(out.getvalue())} == {EntryKind.OTHER}


@pytest.mark.parametrize(
    "path", ["../etc/passwd", "/a/../../b", "a/..", "var/.wh...", "var/.wh.", "x" * 5000]
)
def test_unsafe_paths_are_refused(path: str) -> None:
    with pytest.raises(LayerError, match=r"unsafe|characters"):
        _entries(layer({path: b"harm"}))


def _claiming(size: int, type_: bytes = tarfile.REGTYPE) -> bytes:
    info = tarfile.TarInfo("big")
    info.size, info.type = size, type_
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize("size", [1 << 40, (1 << 63) - 1, -1])
def test_absurd_sizes(size: int) -> None:
    with pytest.raises(LayerError):
        _entries(_claiming(size) + bytes(2048))


@pytest.mark.parametrize("type_", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.XGLTYPE])
def test_a_header_as_large_as_a_layer(type_: bytes) -> None:
    with pytest.raises(LayerError, match="header of"):
        _entries(_claiming(1 << 30, type_) + bytes(2048))


def test_a_chain_of_headers_without_end() -> None:
    link = _claiming(512, tarfile.XGLTYPE) + b"9 a=bcde\n".ljust(512, b"\0")
    with pytest.raises(LayerError):
        _entries(link * 5000)


def test_bomb_and_crowd_and_clock() -> None:
    bomb = gzip.compress(layer({"zeros": bytes(20 << 20)}), 1, mtime=0)
    with pytest.raises(LayerError, match="bytes"):
        _entries(bomb, limits=LayerLimits(bytes=10 << 20))
    crowd = layer((f"f{n}", b"x") for n in range(200))
    with pytest.raises(LayerError, match="more than 100 entries"):
        _entries(crowd, limits=LayerLimits(entries=100))
    with pytest.raises(LayerError, match="not read within"):
        _entries(crowd, limits=LayerLimits(seconds=-1))


def test_a_bomb_of_holes() -> None:
    # PAX 1.0 sparse file: one 512-byte map that claims a file of 100 GiB of zeros.
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        info = tarfile.TarInfo("sparse")
        info.pax_headers = {
            "GNU.sparse.major": "1",
            "GNU.sparse.minor": "0",
            "GNU.sparse.realsize": str(100 << 30),
            "GNU.sparse.name": "sparse",
        }
        info.size = 512
        tar.addfile(info, io.BytesIO(b"0\n".ljust(512, b"\0")))
    with pytest.raises(LayerError):
        _entries(out.getvalue())


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_cut_short(keep: float) -> None:
    plain = layer({"a": b"x" * 4000, "b": b"y" * 9000, "c": b"z"})
    for data in (plain, gzip.compress(plain, mtime=0), zstandard.compress(plain)):
        with pytest.raises(LayerError):
            read_layer([data[: int(len(data) * keep)]], digest(plain))


def test_a_damaged_header_is_no_end() -> None:
    data = bytearray(layer({"a": b"x", "b": b"y"}))
    at = data.index(b"b\0")
    data[at + 148 : at + 156] = b"garbage!"
    with pytest.raises(LayerError, match="header"):
        _entries(bytes(data))


@examples(150)
@given(st.data())
def test_any_damage_is_an_error_or_a_reading(data: st.DataObject) -> None:
    raw = bytearray(layer(FILES))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    with contextlib.suppress(LayerError):
        read_layer([bytes(raw[:cut])], None, limits=LayerLimits(bytes=1 << 20, seconds=5))

"""Bytes that somebody chose: every reader ends in an answer or its own error, in bounded memory,
and in time (a reader that backtracks without end is killed by the suite's time limit)."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import tarfile
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.content.image.bounded_stream import LayerError, LayerLimits
from jotgraph.content.image.docker_archive import read_saved
from jotgraph.content.image.image_files import ImageTar
from jotgraph.content.image.layer_cache import LayerCache
from jotgraph.content.image.layout import choose
from jotgraph.content.image.tar_stream import read_layer
from jotgraph.content.image.zip_package import read_zip
from jotgraph.content.revisions.facts import _BY_NAME, fact_of
from jotgraph.errors import UnknownNameError
from jotgraph.sources.documents.manifests import MAX_BLOB, parse_config, parse_manifest
from jotgraph.sources.documents.provenance import V02, parse_statement
from tests.content.images import Content, Layout, layer, on, saved
from tests.strength import MANY_PLACES, examples

SHA = "5a" * 20
FILES: dict[str, Content] = {
    "app/m.py": b"value = 1\n" * 20,
    "app/REVISION": SHA.encode(),
    "l": ("link", "app"),
}
LAYER = layer(FILES)
SMALL = LayerLimits(bytes=1 << 20, entries=100, seconds=20)
MIB = 1 << 20


@st.composite
def damaged(draw: st.DrawFn, good: bytes) -> bytes:
    """The bytes with a few altered, a piece cut out, doubled or put in, or an end cut off."""
    raw = bytearray(good)
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, max(len(raw) - 1, 0)))
        match draw(st.sampled_from(("set", "cut", "double", "put", "end"))):
            case "set" if raw:
                raw[at] = draw(st.integers(0, 255))
            case "cut":
                del raw[at : at + draw(st.integers(1, 600))]
            case "double":
                raw[at:at] = raw[at : at + draw(st.integers(1, 600))]
            case "put":
                raw[at:at] = draw(st.binary(max_size=40))
            case _:
                del raw[at:]
    return bytes(raw)


def package() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("m.py", "lib/n.py", "REVISION"):
            archive.writestr(zipfile.ZipInfo(name), SHA * 9)
    return out.getvalue()


@given(
    damaged(gzip.compress(LAYER, mtime=0))
    | damaged(zstandard.compress(LAYER))
    | damaged(LAYER).map(lambda raw: gzip.compress(raw, mtime=0))
)
def test_a_compressed_layer(raw: bytes) -> None:
    with contextlib.suppress(LayerError):
        read_layer([raw], None, limits=SMALL)


@given(damaged(package()))
def test_a_package(raw: bytes) -> None:
    with contextlib.suppress(LayerError):
        read_zip(raw, None, limits=SMALL)


@pytest.fixture(scope="module")
def cache() -> Iterator[LayerCache]:
    with tempfile.TemporaryDirectory() as folder:
        layers = LayerCache(Path(folder))
        yield layers
        layers.close()


_LAYOUT = Layout()
LAYOUT = _LAYOUT.finish([on("linux/amd64", _LAYOUT.index([_LAYOUT.image([LAYER])]))])
ARCHIVES = [saved([LAYER], ["COPY a b"], oci=oci) for oci in (False, True)]


@given(raw=damaged(ARCHIVES[0]) | damaged(ARCHIVES[1]))
def test_a_saved_image(cache: LayerCache, raw: bytes) -> None:
    with contextlib.suppress(LayerError):
        read_saved([raw], cache, limits=SMALL, archive=SMALL)


@given(raw=damaged(ARCHIVES[0]) | damaged(ARCHIVES[1]) | damaged(layer(LAYOUT)))
def test_an_archive_on_disk(raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "image.tar"
        file.write_bytes(raw)
        store = ImageTar(file, SMALL)
        with contextlib.suppress(LayerError, UnknownNameError):
            chosen = choose("image.tar", store.document)
            for path in chosen.layers:
                read_layer(store.blob(path), None, limits=SMALL)


@given(index=damaged(LAYOUT["index.json"]), platform=st.sampled_from(("", "linux/arm64")))
def test_an_index(index: bytes, platform: str) -> None:
    documents = LAYOUT | {"index.json": index}
    with contextlib.suppress(LayerError, UnknownNameError):
        choose("layout", documents.get, platform=platform)


def test_members_without_end_or_of_no_size(tmp_path: Path) -> None:
    file = tmp_path / "image.tar"
    file.write_bytes(layer({f"{n}": b"" for n in range(200)}))
    with pytest.raises(LayerError, match="more than 100 members"):
        ImageTar(file, SMALL).document("index.json")
    large = tarfile.TarInfo("index.json")
    large.size = 9 << 40
    file.write_bytes(large.tobuf() + bytes(1024))
    with pytest.raises(LayerError, match="claims"):
        ImageTar(file).document("index.json")
    header = tarfile.TarInfo("././@PaxHeader")
    header.type, header.size = tarfile.XHDTYPE, 1 << 33
    with file.open("wb") as out:
        out.write(header.tobuf(tarfile.GNU_FORMAT))
        out.truncate(1 << 34)  # sparse: it takes no place
    with pytest.raises(LayerError, match="a header of"):
        ImageTar(file).document("index.json")


def test_links_that_lead_in_circles(tmp_path: Path) -> None:
    file = tmp_path / "image.tar"
    file.write_bytes(layer({"index.json": ("link", "a"), "a": ("link", "index.json")}))
    with pytest.raises(LayerError, match="without end"):
        ImageTar(file).document("index.json")


def test_a_saved_image_whose_documents_nest_too_deep(cache: LayerCache) -> None:
    deep = layer({"manifest.json": b"[" * 100_000})
    with pytest.raises(LayerError, match="manifest"):
        read_saved([deep], cache)
    named = json.dumps([{"Config": "c.json", "Layers": []}]).encode()
    with pytest.raises(LayerError, match=r"c\.json cannot be read"):
        read_saved([layer({"manifest.json": named, "c.json": b'{"a":' * 100_000})], cache)


WORDS = """config layers manifests digest size mediaType annotations platform os architecture
variant subject artifactType in-toto.io/predicate-type predicateType vnd.docker.reference.type
created Env vnd.docker.reference.digest rootfs diff_ids Labels predicate metadata vcs revision
source uri sha1 invocation configSource buildDefinition externalParameters materials
resolvedDependencies"""
NAMES = st.sampled_from(WORDS.split()) | st.text(max_size=6)
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=9)
    | st.sampled_from(("attestation-manifest", SHA, f"git+https://x/{SHA}.git", "9" * 400, V02))
)
TREES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=25,
)


@given(TREES.map(lambda tree: json.dumps(tree).encode()) | st.binary(max_size=60))
@examples(40, many=100)
def test_documents(content: bytes) -> None:
    for read in (parse_manifest, parse_config, parse_statement):
        with contextlib.suppress(ValueError):
            read(content)


def test_documents_beyond_their_bound() -> None:
    for read in (parse_manifest, parse_config, parse_statement):
        with pytest.raises(ValueError, match="bytes"):
            read(b'{"a":"' + b"x" * MAX_BLOB + b'"}')


def peak(work: Any, *arguments: Any) -> int:
    """Bytes that Python held at most while working."""
    tracemalloc.start()
    try:
        with contextlib.suppress(LayerError):
            work(*arguments)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_what_is_read() -> None:
    file = layer({"zeros": bytes(32 * MIB)})
    packed = gzip.compress(file, 1, mtime=0)
    del file
    assert len(packed) < MIB
    assert peak(read_layer, [packed], None) < 24 * MIB
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(16 * MIB))
    assert peak(read_zip, out.getvalue(), None) < 12 * MIB


CHARGES = (
    "version", "_version = ", "'root' => array('reference' => '", "Version: \n", "node: \n", "a=\n",
    "commit_id = a =", "version =\n ",
    "\n", " ", "_", "+", "-1-g", "g5a5a5a5-", "git.commit.id=", "1+", "commit_id =\n", "'dirty': ",
    "PK\3\4", "'full-revisionid': ", "\r\n ", "key:", "\\:", "x+a.b-c.",
)  # fmt: skip
"""Text that a careless expression would go over again and again."""
LENGTH = MIB - 1 if MANY_PLACES else MIB // 16


@pytest.mark.parametrize("charge", CHARGES)
def test_no_expression_runs_away(charge: str) -> None:
    data = (charge * (MIB // len(charge)))[:LENGTH].encode()
    for name in (*_BY_NAME, "REVISION", "vendor/composer/installed.php", "a.jar"):
        assert isinstance(fact_of(name, data), str)
    wide = b"MZ" + (charge * 10_000).encode("utf-16-le")
    assert isinstance(fact_of("a.dll", wide + "ProductVersion\0".encode("utf-16-le") * 9), str)

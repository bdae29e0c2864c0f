"""The parsers of images, of packages, and of what builds leave in them."""

from __future__ import annotations

import base64
import io
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from jotgraph.content.history.dockerfile import copied, instructions
from jotgraph.content.history.dockerignore import ignored
from jotgraph.content.history.npm_package import not_packed
from jotgraph.content.image.bounded_stream import LayerError
from jotgraph.content.image.docker_archive import read_saved
from jotgraph.content.image.layer_cache import LayerCache
from jotgraph.content.image.npm_document import published
from jotgraph.content.image.originals import originals
from jotgraph.content.image.tar_stream import read_layer
from jotgraph.content.image.wheel_record import recorded
from jotgraph.content.image.zip_package import read_zip
from jotgraph.content.revisions.facts import fact_of
from jotgraph.errors import JotgraphError
from tests.content.artefacts import artefact
from tests.content.images import layer, saved
from tests.fuzzing.target import SHA, Target

_FOLDER = tempfile.TemporaryDirectory(prefix="jotgraph-fuzzing-")
_CACHE = LayerCache(Path(_FOLDER.name) / "layers")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("app/handler.py", "def handle(event, context): ...\n" * 20)
        archive.writestr("app/META-INF/MANIFEST.MF", f"Implementation-Build: {SHA}\n")
    return out.getvalue()


_FACTS = {
    "package.json": json.dumps({"name": "shop", "gitHead": SHA}).encode(),
    ".git/HEAD": SHA.encode(),
    "META-INF/MANIFEST.MF": f"Manifest-Version: 1.0\nImplementation-Build: {SHA}\n".encode(),
    "git.properties": f"git.commit.id={SHA}\n".encode(),
    "direct_url.json": json.dumps(
        {"url": "https://example.com/shop", "vcs_info": {"vcs": "git", "commit_id": SHA}}
    ).encode(),
    "installed.json": json.dumps(
        {"packages": [{"source": {"type": "git", "reference": SHA}}]}
    ).encode(),
}


def _facts(data: bytes) -> None:
    others = "app.jar", "app.dll", "app.pdb", "app", "version.py", "shop-1.dist-info/METADATA"
    for path in (*_FACTS, *others):
        fact_of(path, data)


def _programs() -> Sequence[bytes]:
    return [artefact(name) for name in ("Shop.pdb", "Embedded.dll", "go-dirty")]


def _held(data: bytes) -> None:
    for path in ("app/index.js.map", "app/index.js", "app.jar"):
        for name, _ in originals(path, data):
            assert not name.startswith(("/", "../")), name


def _holders() -> Sequence[bytes]:
    source_map = {"version": 3, "sources": ["../src/a.ts"], "sourcesContent": ["let a = 1;\n"]}
    text = json.dumps({**source_map, "sections": [{"map": source_map}]}).encode()
    inline = b"\n//# sourceMappingURL=data:application/json;base64," + base64.b64encode(text)
    return [text, inline, artefact("shop.jar")]


def _package(data: bytes) -> None:
    published("package.json", data)
    left_out = not_packed(data)
    if left_out is not None:
        left_out("lib/index.js")


_PACKAGE = {
    "name": "shop", "main": "./index.js", "bin": {"shop": "bin/shop.js"}, "gitHead": SHA,
    "files": ["lib/**/*.js", "!lib/test", "[a-z].js"], "_resolved": "https://example.com/shop.tgz",
}  # fmt: skip


CONTENT: Mapping[str, Target] = {
    "dockerfile": Target(
        lambda data: [copied(_text(line)) for line in data.splitlines()] and instructions(data),
        lambda: [b"FROM base AS build\nWORKDIR /app\nCOPY --from=build a [\"b\", \"c\"] /srv/\n"],
    ),
    "dockerignore": Target(
        lambda data: ignored(data)("a/b.pyc"),
        lambda: [b"# no\n*.pyc\n!keep/**\n/docs\n[a-c]*\n"],
    ),
    "layer": Target(
        lambda data: read_layer([data], None), lambda: [layer({"app/main.py": b"print()\n"})],
        (LayerError,),
    ),
    "archive": Target(
        lambda data: read_saved([data], _CACHE),
        lambda: [
            saved([layer({"app/main.py": b"print()\n"})], oci=oci) for oci in (False, True)
        ],
        (LayerError, JotgraphError),
    ),
    "zip": Target(lambda data: read_zip(data, None), lambda: [_zip()], (LayerError,)),
    "file-facts": Target(_facts, lambda: [*_FACTS.values(), _zip(), *_programs()]),
    "wheel-record": Target(
        lambda data: recorded("shop-1.dist-info/RECORD", data),
        lambda: [b'shop/app.py,sha256=x,9\n"a,b.py",,\n../../bin/shop,,\n'],
    ),
    "npm-package": Target(_package, lambda: [json.dumps(_PACKAGE).encode()]),
    "held-files": Target(_held, _holders),
}  # fmt: skip

"""Zip packages of functions, kept by their CodeSha256 and downloadable from the sandbox's own port.

GetFunction's ``Code.Location`` is a presigned URL of S3, valid for ten minutes (API_GetFunction,
API_FunctionCodeLocation); here it leads to loopback.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from jotgraph.sandbox.wire import Reply, Request
from jotgraph.sandbox.world import World

PATH = "/_packages/"


def keep(world: World, code: Mapping[str, Any]) -> dict[str, Any]:
    """Keep a package and return its CodeSha256, base64 of its SHA-256 (API_FunctionConfiguration).
    Code in S3, which the sandbox does not have, gets a package of one file."""
    content = base64.b64decode(code.get("ZipFile") or "") or _stand_in(code)
    sha = base64.b64encode(hashlib.sha256(content).digest()).decode()
    world.packages[sha] = content
    return {"CodeSha256": sha, "CodeSize": len(content)}


def _stand_in(code: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        name = f"# s3://{code.get('S3Bucket')}/{code.get('S3Key')}\n"
        archive.writestr(zipfile.ZipInfo("app.py"), name)
    return buffer.getvalue()


def location(world: World, sha: str) -> str:
    """Where a package can be downloaded."""
    return f"{world.endpoint}{PATH}{quote(sha, safe='')}"


def download_request(environ: Mapping[str, Any]) -> Request:
    """Read the GET of a package."""
    raw = str(environ.get("REQUEST_URI") or environ["PATH_INFO"]).partition("?")[0]
    sha = unquote(raw.removeprefix(PATH))
    return Request("lambda-package", "GET", "", "", "", {"sha": sha})


def download(world: World, request: Request) -> Reply:
    """Send the bytes."""
    content = world.packages.get(request.text("sha"))
    if content is None:
        return Reply(404, b"NoSuchKey", code="NoSuchKey")
    return Reply(200, content, (("Content-Type", "application/zip"),))

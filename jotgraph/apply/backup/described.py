"""Copies of everything except registry images.

A copy holds the answers that describe the resource, and its bytes if it has any: the zip package of
a function, ``docker save`` of a local image.
"""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

from jotgraph.apply.backup.copies import Copies, writing
from jotgraph.apply.backup.paths import package_path, saved_path
from jotgraph.errors import CallFailedError, Failure
from jotgraph.records import Kind, ResourceId, key_of, kind_of
from jotgraph.sources.connections import Connections, stream_engine
from jotgraph.sources.describe import Answers, describe
from jotgraph.sources.ecr.blobs import download
from jotgraph.store.durable import whole_file

_END = 1024


def keep(connections: Connections, copies: Copies, resource: ResourceId) -> None:
    """Copy a resource of Lambda, IAM, ECR (a repository) or the engine. Raises CallFailedError when
    it cannot be read completely, ApplyError when it cannot be written."""
    answers = describe(connections, resource)
    paths: list[Path] = []
    if kind_of(resource) is Kind.LOCAL_IMAGE:
        size = int(answers["inspect"].get("Size") or 0)
        paths.append(_save(connections, copies, resource, size))
    elif (answers.get("GetFunction") or {}).get("Configuration", {}).get("PackageType") == "Zip":
        paths.append(_keep_package(connections, copies, resource, answers))
    copies.mark(resource, [*paths, copies.write_answers(resource, answers)])


def _save(connections: Connections, copies: Copies, resource: ResourceId, size: int) -> Path:
    """Run ``docker save`` for an image by its id, so without names: loading an archive moves its
    names. Raises CallFailedError when the archive is truncated."""
    engine, path = connections.docker(), saved_path(copies.folder, resource)
    copies.require_room(size, "docker save of it")
    try:
        with writing(path), whole_file(path) as file:
            for chunk in stream_engine(engine.get_image, key_of(resource)):
                file.write(chunk)
            require_end(file.path)
    except CallFailedError as error:
        failure, why = error.failure, f"no backup: docker save failed: {error.failure.message}"
        raise CallFailedError(Failure(failure.reason, why, failure.code)) from error
    return path


def require_end(path: Path) -> None:
    """Raise CallFailedError for a truncated tar archive. It ends with two blocks of zeros (POSIX
    pax, "ustar Interchange Format"). HTTP reports no error for a stream that is closed early when
    it has neither length nor chunks."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _END))
        ended = file.read() == bytes(_END)
    try:
        with tarfile.open(path, mode="r:") as archive:
            ended = ended and "manifest.json" in archive.getnames()
    except tarfile.TarError:
        ended = False
    if not ended:
        raise CallFailedError(Failure("error", f"the archive ends early, after {size:,} bytes"))


def _keep_package(
    connections: Connections, copies: Copies, resource: ResourceId, answers: Answers
) -> Path:
    """Download the zip package from GetFunction's presigned URL and verify its CodeSha256. Raises
    CallFailedError."""
    function = answers["GetFunction"]
    path = package_path(copies.folder, function["Configuration"]["CodeSha256"])
    if copies.holds(path, path.stem):
        return path
    copies.require_room(int(function["Configuration"].get("CodeSize") or 0), "its zip package")
    running = hashlib.sha256()
    with writing(path), whole_file(path) as file:
        for chunk in download(connections.client(resource), function["Code"]["Location"]):
            running.update(chunk)
            file.write(chunk)
        if running.hexdigest() != path.stem:
            why = "no backup: what was downloaded is not the function's package"
            raise CallFailedError(Failure("error", why))
    return path

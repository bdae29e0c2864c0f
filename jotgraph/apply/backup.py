"""Copies of what is about to be deleted, beside the journal, readable by their owner alone.

Images as an OCI image layout (opencontainers/image-spec, image-layout.md), one for each repository:
the exact bytes of manifest, config and layers, each verified by its digest. Everything else as the
answers of the calls that describe it. A copy that cannot be made stops the deletion.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import msgspec

from jotgraph.errors import ApplyError
from jotgraph.failures import CallFailedError, Failure
from jotgraph.records import EcrImage, Kind, ResourceId, key_of, kind_of
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.connections import Connections, stream_engine
from jotgraph.sources.describe import Answers, describe
from jotgraph.sources.ecr.blobs import download, fetch_manifests, stream_blob

NAME = "org.opencontainers.image.ref.name"
"""Annotation of a tag in an OCI layout (image-spec, annotations.md)."""
_END = 1024


def document_path(folder: Path, resource: ResourceId) -> Path:
    """Where the answers about a resource are kept."""
    name = hashlib.sha256(resource.encode()).hexdigest()[:24]
    return folder / "backup" / f"{kind_of(resource)}-{name}.json"


def layout_path(folder: Path, account: str, region: str, repository: str) -> Path:
    """Where the OCI layout of a repository is."""
    return folder / "backup" / "oci" / account / region / repository.replace("/", "__")


def saved_path(folder: Path, resource: ResourceId) -> Path:
    """Where ``docker save`` of a local image is."""
    return folder / "backup" / f"{key_of(resource).replace(':', '-')}.tar"


def package_path(folder: Path, code_sha256: str) -> Path:
    """Where the zip package is that has this CodeSha256 (base64, as Lambda gives it)."""
    return folder / "backup" / "packages" / f"{b64decode(code_sha256).hex()}.zip"


def keep(connections: Connections, folder: Path, resource: ResourceId) -> None:
    """Keep what describes a resource of Lambda, IAM, ECR (a repository) or the engine. Raises
    CallFailedError when it cannot be read whole."""
    kind = kind_of(resource)
    answers = describe(connections, resource)
    if (answers.get("GetFunction") or {}).get("Configuration", {}).get("PackageType") == "Zip":
        _keep_package(connections, folder, resource, answers)
    write_json(document_path(folder, resource), {"id": resource, "answers": answers})
    if kind is Kind.LOCAL_IMAGE:
        _save(connections, folder, resource)


def keep_images(
    folder: Path, place: RegionClient, repository: str, images: Sequence[EcrImage]
) -> dict[str, str]:
    """Keep images of one repository, blobs that are there already left alone. Returns why not, by
    digest, of those that could not be kept. Raises CallFailedError when no manifest was read."""
    root = layout_path(folder, place.account, place.region, repository)
    found = fetch_manifests(place, repository, [image.digest for image in images])
    failed: dict[str, str] = {}
    for image in images:
        content = found[image.digest]
        try:
            if isinstance(content, Failure):
                raise CallFailedError(content)
            described = msgspec.json.decode(content)
            for blob in blobs_of(described):
                _keep_blob(root, place, repository, blob)
        except CallFailedError as error:
            why = error.failure.detail if image.status == "ACTIVE" else _archived(image)
            failed[image.digest] = f"no backup: {why}"
            continue
        _write_blob(root, image.digest, iter([content]))
        note(root, image.digest, described, len(content), image.tags)
    return failed


def _archived(image: EcrImage) -> str:
    """Why an archived image has no copy, and what to do: ECR answers nothing of it but that it is
    there, until it is restored (ECR user guide, "Archiving an image", "Restoring an image")."""
    call = f"aws ecr update-image-storage-class --region {image.region}"
    which = f"--repository-name {image.repository} --image-id imageDigest={image.digest}"
    return (
        f"it is archived, and ECR gives nothing of it out; restore it ({call} {which} "
        "--target-storage-class STANDARD), plan again when it is active, which takes up to 20 "
        "minutes, or let it go without a copy: --no-backup"
    )


def write_json(path: Path, value: object) -> None:
    """Write a document that only its owner reads, wholly or not at all."""
    with _whole(path) as file:
        file.write(msgspec.json.encode(value, enc_hook=str))


def read_json(path: Path) -> Any:
    """Read what ``write_json`` wrote. Raises ApplyError."""
    try:
        return msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError) as error:
        raise ApplyError(f"the backup {path} cannot be read: {error}") from error


def blobs_of(manifest: Mapping[str, Any]) -> list[str]:
    listed = [manifest.get("config") or {}, *(manifest.get("layers") or ())]
    return [str(blob["digest"]) for blob in listed if blob.get("digest") and not blob.get("urls")]


def _keep_blob(root: Path, place: RegionClient, repository: str, digest: str) -> None:
    if not blob_path(root, digest).exists():
        _write_blob(root, digest, stream_blob(place, repository, digest))


def blob_path(root: Path, digest: str) -> Path:
    """``blobs/sha256/<hex>`` of a layout."""
    algorithm, _, hexes = digest.partition(":")
    return root / "blobs" / algorithm / hexes


def _write_blob(root: Path, digest: str, chunks: Iterator[bytes]) -> None:
    with _whole(blob_path(root, digest)) as file:
        for chunk in chunks:
            file.write(chunk)


def note(
    root: Path, digest: str, manifest: Mapping[str, Any], size: int, tags: Sequence[str]
) -> None:
    """Add a manifest to the layout's index, once for each of its tags."""
    path = root / "index.json"
    index: dict[str, Any] = (
        read_json(path) if path.exists() else {"schemaVersion": 2, "manifests": []}
    )
    media = manifest.get("mediaType") or "application/vnd.oci.image.manifest.v1+json"
    others = [listed for listed in index["manifests"] if listed["digest"] != digest]
    mine: list[dict[str, Any]] = [{"mediaType": media, "digest": digest, "size": size}]
    if tags:
        mine = [{**mine[0], "annotations": {NAME: tag}} for tag in tags]
    write_json(root / "oci-layout", {"imageLayoutVersion": "1.0.0"})
    write_json(path, {**index, "manifests": [*others, *mine]})


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears when it is complete and on the disk, mode 0600."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise ApplyError(f"no backup: {path} cannot be written ({error.strerror})") from error
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


def _save(connections: Connections, folder: Path, resource: ResourceId) -> None:
    """``docker save`` of an image by its id: without names, for loading moves those it finds.
    Raises CallFailedError when the archive breaks off."""
    engine, image = connections.docker(), key_of(resource)
    try:
        with _whole(saved_path(folder, resource)) as file:
            for chunk in stream_engine(engine.get_image, image):
                file.write(chunk)
            _require_end(file)
    except CallFailedError as error:
        failure, why = error.failure, f"no backup: docker save failed: {error.failure.message}"
        raise CallFailedError(Failure(failure.reason, why, failure.code)) from error


def _require_end(file: IO[bytes]) -> None:
    """A tar archive ends with two blocks of zeros (POSIX pax, "ustar Interchange Format"); a
    stream that is closed early is no error of HTTP when it has neither length nor chunks."""
    size = file.tell()
    file.seek(max(0, size - _END))
    ended = file.read() == bytes(_END)
    try:
        file.seek(0)
        with tarfile.open(fileobj=file, mode="r:") as archive:
            ended = ended and "manifest.json" in archive.getnames()
    except tarfile.TarError:
        ended = False
    if not ended:
        raise CallFailedError(Failure("error", f"the archive ends early, after {size:,} bytes"))
    file.seek(size)


def _keep_package(
    connections: Connections, folder: Path, resource: ResourceId, answers: Answers
) -> None:
    """The zip that GetFunction's presigned URL gives, verified by CodeSha256. Raises
    CallFailedError."""
    found = answers["GetFunction"]
    path = package_path(folder, found["Configuration"]["CodeSha256"])
    if path.exists():
        return
    running = hashlib.sha256()
    with _whole(path) as file:
        for chunk in download(connections.client(resource), found["Code"]["Location"]):
            running.update(chunk)
            file.write(chunk)
        if running.hexdigest() != path.stem:
            why = "no backup: what was downloaded is not the function's package"
            raise CallFailedError(Failure("error", why))

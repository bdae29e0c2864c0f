"""Resolves a typed name to the bytes of an image: a file or folder, an image of the engine, or one
in ECR."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from jotgraph.content.engine import Archive, Blobs, Files, Package, Source
from jotgraph.content.image.file_trees import holds_image, read_folder, read_tar
from jotgraph.content.image.image_files import ImageFolder, ImageTar, compressed, pieces
from jotgraph.content.image.index_choice import image_manifest
from jotgraph.content.image.layout import choose
from jotgraph.content.origins import of_ecr, of_engine
from jotgraph.errors import OptionError, SourceError, UnknownNameError
from jotgraph.records import EcrImage, ResourceId, ecr_image_id, local_image_id
from jotgraph.records.file_forms import HEAD, is_ours, not_that
from jotgraph.records.media_types import MANIFEST_TYPES
from jotgraph.records.references import EcrReference, ecr_reference
from jotgraph.sources.aws.classify import classify
from jotgraph.sources.cache import sha256_of

Named = tuple[ResourceId, Source | Callable[[], Source]]
_FILES = (".tar", ".tgz", ".gz", ".zip", ".whl", ".zst")
_ZIPS = (".zip", ".whl")


def source_of(
    name: str,
    api: Callable[[], Any],
    ecr: Callable[[str], Any],
    platform: str = "",
) -> Named:
    """The id and the origin of ``name``: an archive or a folder that holds an image (with ``:TAG``
    behind it where it holds several), a tar or a folder of files, a ``.zip`` package, an ECR
    address, or a name or id that the engine knows.

    ``api`` gives docker-py's low-level client, ``ecr`` a boto3 client by region; each is called
    only when it is needed. ``platform`` chooses among the images of an index, ``linux/amd64`` (or
    the first) by default. Raises OptionError for a file that is not there or that jotgraph
    wrote, UnknownNameError, and what the two raise.
    """
    path, reference = _path(name)
    if path is not None:
        if path.suffix in _ZIPS:
            return ResourceId(f"package:{name}"), Package(path.read_bytes)
        if path.is_dir() and not (path / "oci-layout").is_file():
            return ResourceId(f"package:{name}"), Files(partial(read_folder, path))
        _refuse_ours(path)
        return local_image_id(name), lambda: _of_path(name, path, reference, platform)
    if name.startswith(("/", ".", "~")) or name.partition(":")[0].endswith(_FILES):
        raise OptionError(
            f"{name}: there is no such file; name an archive, a package, a folder or an image"
        )
    in_ecr = ecr_reference(name)
    if in_ecr:
        return _in_ecr(name, in_ecr, ecr(in_ecr.region), platform)
    return _in_engine(name, api())


def _refuse_ours(path: Path) -> None:
    """Raise OptionError for a file that jotgraph wrote."""
    if path.is_file():
        with path.open("rb") as file:
            head = file.read(HEAD)
        if is_ours(head):
            raise OptionError(not_that(str(path), head, "an image, a package or a folder"))


def _path(name: str) -> tuple[Path | None, str]:
    """The file or folder at the beginning of a name, and the reference after its colon. A folder of
    files is given as a path, with a slash at its end if nothing else distinguishes it from an
    image."""
    if name.startswith(("/", ".", "~")) or name.endswith("/"):
        folder = Path(name).expanduser()
        if folder.is_dir():
            return folder, ""
    end = len(name)
    while end > 0:
        path = Path(name[:end])
        if path.is_file() or (path / "oci-layout").is_file():
            return path, name[end + 1 :]
        end = name.rfind(":", 0, end)
    return None, ""


def _of_path(name: str, path: Path, reference: str, platform: str) -> Source:
    """An image on disk. Raises LayerError, and UnknownNameError for what it does not contain."""
    if path.is_file() and not holds_image(path):
        return Files(partial(read_tar, path))
    if path.is_file() and compressed(path):
        return Archive(lambda: pieces(path), name=str(path), reference=reference, platform=platform)
    store = ImageFolder(path) if path.is_dir() else ImageTar(path)
    chosen = choose(str(path), store.document, reference=reference, platform=platform)
    return Blobs(chosen.config, chosen.layers, store.blob, near=True)


def _in_engine(name: str, engine: Any) -> Named:
    from docker.errors import ImageNotFound  # noqa: PLC0415 -- docker is slow to import

    try:
        image = str(engine.inspect_image(name)["Id"])
    except ImageNotFound as error:
        advice = (
            "pull it, or copy it from its registry with skopeo copy docker://NAME "
            "oci-archive:image.tar, and name that file"
        )
        raise UnknownNameError(name, advice=advice) from error
    return local_image_id(image), lambda: of_engine(engine, image)


def _in_ecr(name: str, reference: EcrReference, ecr: Any, platform: str) -> Named:
    from botocore.exceptions import (  # noqa: PLC0415 -- boto3 is slow to import
        BotoCoreError,
        ClientError,
    )

    def fetch(wanted: str) -> tuple[bytes, str]:
        image = {"imageDigest" if wanted.startswith("sha256:") else "imageTag": wanted}
        try:
            answer = ecr.batch_get_image(
                registryId=reference.account,
                repositoryName=reference.repository,
                imageIds=[image],
                acceptedMediaTypes=list(MANIFEST_TYPES),
            )
        except (BotoCoreError, ClientError) as error:
            failure = classify(error)
            if failure.code == "RepositoryNotFoundException":
                where = f"{reference.account}/{reference.region}"
                advice = f"there is no repository {reference.repository} in {where}"
                raise UnknownNameError(name, advice=advice) from error
            raise SourceError(f"{name}: {failure.detail}") from error
        if not answer["images"]:
            raise UnknownNameError(name)
        content = str(answer["images"][0]["imageManifest"]).encode()
        digest = str(answer["images"][0]["imageId"]["imageDigest"])
        if sha256_of(content) != digest:
            raise SourceError(f"{name}: the manifest received is not that of {digest}")
        return content, digest

    wanted = reference.digest or reference.tag or "latest"
    manifest, digest = image_manifest(name, fetch, wanted, platform)
    record = EcrImage(
        account=reference.account,
        region=reference.region,
        repository=reference.repository,
        digest=digest,
        config_digest=manifest.config_digest,
        layers=manifest.layers,
    )
    where = reference.account, reference.region, reference.repository
    return ecr_image_id(*where, digest), lambda: of_ecr(ecr, record)

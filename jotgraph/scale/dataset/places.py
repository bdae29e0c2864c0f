"""The location of a dataset: a folder, or a prefix in an S3 bucket, with the same few operations.

S3 is accessed through pyarrow's own client, which needs no other package, with the credentials,
region and endpoint that boto3 finds.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

from jotgraph.errors import DatasetError, OptionError
from jotgraph.scale.dataset.refusals import is_refusal, refusal
from jotgraph.scale.extras import needed

_S3 = "s3://"
_SECONDS = 20
_ATTEMPTS = 3
_OWNER = 0o600
"""The mode of files: only their owner may read them, as for every inventory."""


def is_remote(location: str) -> bool:
    """Return whether a location is not a folder of this machine."""
    return location.startswith(_S3)


class Dataset(NamedTuple):
    """A place of files by relative path, whatever they contain."""

    location: str
    """The location as typed."""
    files: Any
    """A ``pyarrow.fs.FileSystem``."""
    root: str

    @property
    def address(self) -> str:
        """The location for another process, which may run in another folder."""
        return self.location if is_remote(self.location) else self.root

    @property
    def is_file(self) -> bool:
        """Return whether there is a file of this machine in place of a folder."""
        return not is_remote(self.location) and os.path.isfile(self.root)

    def path(self, name: str) -> str:
        return f"{self.root}/{name}"

    def read(self, name: str) -> bytes:
        """Return the content of a file. Raises DatasetError, and FileNotFoundError."""
        with (
            self._told(f"{name} cannot be read", may_lack=True),
            self.files.open_input_stream(self.path(name)) as file,
        ):
            content: bytes = file.read()
            return content

    def size(self, name: str) -> int | None:
        """Return the size of a file in bytes; None if it does not exist. Raises DatasetError."""
        with self._told(f"{name} cannot be looked at"):
            info = self.files.get_file_info(self.path(name))
            return info.size if info.is_file else None

    def names(self, folder: str) -> list[str]:
        """Return the files directly below a folder, sorted. Raises DatasetError."""
        fs = needed("pyarrow.fs", "parquet", "a dataset")
        with self._told("cannot be listed"):
            listed = self.files.get_file_info(
                fs.FileSelector(self.path(folder), allow_not_found=True)
            )
        return sorted(info.base_name for info in listed if info.is_file)

    def beneath(self, folder: str) -> list[tuple[str, datetime]]:
        """Return all files below a folder, with the times when they were written. Raises
        DatasetError."""
        fs = needed("pyarrow.fs", "parquet", "a dataset")
        with self._told("cannot be listed"):
            listed = self.files.get_file_info(
                fs.FileSelector(self.path(folder), allow_not_found=True, recursive=True)
            )
        above = len(self.path(""))
        return [(info.path[above:], self._written_at(info)) for info in listed if info.is_file]

    def written_at(self, name: str) -> datetime:
        """Return when a file was written, by the clock of the place. Raises DatasetError."""
        with self._told(f"{name} cannot be looked at"):
            return self._written_at(self.files.get_file_info(self.path(name)))

    def _written_at(self, info: Any) -> datetime:
        """When a file arrived there: a copied file keeps the time of its content."""
        at: float = info.mtime_ns / 1e9
        if not is_remote(self.location):
            at = max(at, os.stat(info.path).st_ctime)
        return datetime.fromtimestamp(at, UTC)

    def begin(self, folder: str) -> None:
        """Create the folder, or check that the bucket exists. Raises DatasetError."""
        if not is_remote(self.location):
            with self._told("cannot be written"):
                self.files.create_dir(self.path(folder), recursive=True)
            return
        bucket = self.root.partition("/")[0]
        with self._told("cannot be looked at"):
            there = self.files.get_file_info(bucket).type
        if there.name == "NotFound":
            raise DatasetError(f"{self.location}: there is no bucket {bucket}, or none for you")

    @contextmanager
    def writing(self, name: str) -> Iterator[Any]:
        """Open a file for writing, which appears when it is complete. Raises DatasetError."""
        remote = is_remote(self.location)  # an object of S3 appears when its upload is completed
        written = name if remote else f"{name}.{uuid.uuid4().hex}.part"
        with self._told("cannot be written"):
            if not remote:
                self.files.create_dir(os.path.dirname(self.path(name)), recursive=True)
                os.close(os.open(self.path(written), os.O_CREAT | os.O_EXCL, _OWNER))
            try:
                with self.files.open_output_stream(self.path(written)) as file:
                    yield file
                if not remote:
                    _settle(self.path(written), self.path(name))
            except BaseException:
                with suppress(OSError):
                    self.files.delete_file(self.path(written))
                raise

    def remove(self, name: str) -> None:
        """Delete a file, if it exists. Raises DatasetError."""
        with (
            suppress(FileNotFoundError),
            self._told(f"{name} cannot be deleted", may_lack=True),
        ):
            self.files.delete_file(self.path(name))

    @contextmanager
    def reading(self, name: str) -> Iterator[None]:
        """Translate errors while another library reads a file. Raises DatasetError when the place
        refuses, and FileNotFoundError; faults in the content are not translated."""
        with self._told(f"{name} cannot be read", may_lack=True, of_place=True):
            yield

    @contextmanager
    def _told(self, what: str, *, may_lack: bool = False, of_place: bool = False) -> Iterator[None]:
        """Raise DatasetError for failures; with ``of_place`` only when the place refuses."""
        try:
            yield
        except OSError as error:
            if may_lack and isinstance(error, FileNotFoundError):
                raise
            if of_place and not is_refusal(error):
                raise
            raise DatasetError(f"{self.location}: {what}: {refusal(error)}") from error


def _settle(written: str, path: str) -> None:
    handle = os.open(written, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(written, path)


def dataset(location: str) -> Dataset:
    """Return the place at a location. Raises ExtraError without pyarrow, OptionError for an unknown
    bucket, and DatasetError."""
    fs = needed("pyarrow.fs", "parquet", "a Parquet dataset")
    if is_remote(location):
        root = location.removeprefix(_S3).rstrip("/")
        if not root:
            raise OptionError(f"{location} names no bucket; write s3://BUCKET/PREFIX")
        return Dataset(location, _s3(fs, location), root)
    return Dataset(location, fs.LocalFileSystem(), os.path.abspath(location))


def _s3(fs: Any, location: str) -> Any:
    from boto3.session import Session  # noqa: PLC0415 -- only for S3, and heavy

    from jotgraph.clients.sessions import core_session  # noqa: PLC0415 -- as above

    session = Session(botocore_session=core_session())
    client = session.client("s3", region_name=session.region_name or "us-east-1")
    credentials = session.get_credentials()
    if credentials is None:
        raise DatasetError(f"{location}: there are no credentials; sign in, or set AWS_PROFILE")
    frozen = credentials.get_frozen_credentials()
    return fs.S3FileSystem(
        access_key=frozen.access_key,
        secret_key=frozen.secret_key,
        session_token=frozen.token,
        region=client.meta.region_name,
        endpoint_override=_endpoint(client.meta.endpoint_url),
        scheme=client.meta.endpoint_url.partition("://")[0],
        request_timeout=_SECONDS,
        connect_timeout=_SECONDS,
        allow_delayed_open=True,  # a file of less than 10 MiB is one call, not three
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
    )


def _endpoint(url: str) -> str | None:
    """An endpoint other than AWS's own, which pyarrow finds by the region."""
    host = url.partition("://")[2]
    return None if ".amazonaws.com" in host else host

"""Snapshots in a bucket of S3: whole objects, by boto3.

An object of S3 is there when all of it has arrived, and a torn upload leaves none. What must not be
written over is written on the condition that nothing has its name (``If-None-Match: *``, S3 User
Guide, "Conditional writes"): of two writers at once one is told.

Parquet datasets go to S3 through pyarrow (``scale.dataset.places``), whose readers, DuckDB's and
Spark's fetch parts of files, which the store never does; pyarrow knows no conditional write, and is
an extra. Both take the credentials, the region and the endpoint that boto3 finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from jotgraph.clients.sessions import core_session
from jotgraph.errors import OptionError, SnapshotError
from jotgraph.store.places import StoredObject

_S3 = "s3://"
_WORKERS = 8
_SECONDS = 20
_ATTEMPTS = 4
_ABSENT = ("NoSuchKey", "404")
_TAKEN = ("PreconditionFailed", "ConditionalRequestConflict")
_ADVICE = {
    "AccessDenied": "allow s3:ListBucket, s3:GetObject, s3:PutObject and, to prune, "
    "s3:DeleteObject",
    "NoSuchBucket": "make the bucket first, or correct JOTGRAPH_STORE",
}


class Bucket(NamedTuple):
    """A prefix in a bucket, as a place of snapshots."""

    location: str
    bucket: str
    prefix: str
    """Empty, or ending in a slash."""
    client: Any

    def read(self, name: str) -> bytes | None:
        with self._told(f"{name} cannot be read"):
            try:
                answer = self.client.get_object(Bucket=self.bucket, Key=self.prefix + name)
                content: bytes = answer["Body"].read()
            except self.client.exceptions.NoSuchKey:
                return None
            return content

    def read_all(self, names: Iterable[str]) -> list[bytes | None]:
        with ThreadPoolExecutor(_WORKERS) as workers:
            return list(workers.map(self.read, names))

    def entries(self, folder: str) -> list[StoredObject]:
        above = f"{self.prefix}{folder}/"
        return [
            StoredObject(name, listed["Size"], listed["LastModified"])
            for page in self._pages(above)
            for listed in page.get("Contents", ())
            if (name := listed["Key"].removeprefix(above))
        ]

    def folders(self) -> list[str]:
        return sorted(
            listed["Prefix"].removeprefix(self.prefix).rstrip("/")
            for page in self._pages(self.prefix)
            for listed in page.get("CommonPrefixes", ())
        )

    def create(self, name: str, content: bytes) -> bool:
        with self._told(f"{name} cannot be written"):
            return self._put(name, content, IfNoneMatch="*")

    def replace(self, name: str, content: bytes) -> None:
        with self._told(f"{name} cannot be written"):
            self._put(name, content)

    def remove(self, name: str) -> None:
        with self._told(f"{name} cannot be deleted"):
            self.client.delete_object(Bucket=self.bucket, Key=self.prefix + name)

    def remove_unfinished(self, before: datetime) -> int:
        return 0  # an upload that is torn leaves nothing

    def _put(self, name: str, content: bytes, **condition: str) -> bool:
        from botocore.exceptions import ClientError  # noqa: PLC0415 -- heavy

        try:
            self.client.put_object(
                Bucket=self.bucket, Key=self.prefix + name, Body=content, **condition
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _TAKEN:
                return False
            raise
        return True

    def _pages(self, above: str) -> Iterator[Any]:
        pages = self.client.get_paginator("list_objects_v2")
        with self._told(f"{above} cannot be listed".strip()):
            yield from pages.paginate(Bucket=self.bucket, Prefix=above, Delimiter="/")

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 -- heavy

        try:
            yield
        except ClientError as error:
            detail = error.response["Error"]
            advice = _ADVICE.get(detail["Code"], "try again, or look at the bucket")
            reason = f"{detail['Code']}: {detail.get('Message', '')}"
            raise SnapshotError(f"{self.location}: {what}: {reason}; {advice}") from error
        except BotoCoreError as error:
            raise SnapshotError(f"{self.location}: {what}: {error}; sign in, or retry") from error


def bucket(location: str) -> Bucket:
    """Return the place at ``s3://BUCKET/PREFIX``. Raises OptionError for an invalid location."""
    name, _, prefix = location.removeprefix(_S3).strip("/").partition("/")
    if not name:
        raise OptionError(f"{location} names no bucket; write s3://BUCKET/PREFIX")
    from boto3.session import Session  # noqa: PLC0415 -- boto3 takes 0.3 s to import
    from botocore.config import Config  # noqa: PLC0415 -- as above

    session = Session(botocore_session=core_session())
    config = Config(
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        connect_timeout=_SECONDS,
        read_timeout=_SECONDS,
        max_pool_connections=_WORKERS,
        user_agent_extra="jotgraph",
    )
    client = session.client("s3", region_name=session.region_name or "us-east-1", config=config)
    return Bucket(location.rstrip("/"), name, f"{prefix}/" if prefix else "", client)

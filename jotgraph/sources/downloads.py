"""Downloads from the presigned URLs of AWS: layers, configs and Lambda packages.

A whole download has a deadline beside the timeout of each read. Redirects are followed only to
https or to the very same server.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies

from jotgraph.errors import CallFailedError, Failure

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

DOCUMENT_SECONDS = 60.0
"""Seconds for a manifest or config, of kilobytes up to some megabytes."""
STREAM_SECONDS = 1800.0
"""Seconds for a layer: 10 GB at 6 MB a second."""
_CHUNK = 1 << 20
_REDIRECTS = 3
_MOVED = (301, 302, 303, 307, 308)


def download(
    url: str,
    *,
    plain: bool = False,
    seconds: float = STREAM_SECONDS,
    pool: PoolManager | None = None,
) -> Iterator[bytes]:
    """Stream the bytes behind a URL, without decompression. ``plain`` allows http, for an endpoint
    that uses it itself; ``pool`` replaces the shared one. Raises CallFailedError."""
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 -- comes with botocore

    deadline = time.monotonic() + seconds
    if not url.startswith("https:") and not plain:
        raise CallFailedError(Failure("error", "AWS gave a download URL that is not https"))
    try:
        reply = _opened(url, pool)
        whole = False
        try:
            while piece := reply.read1(_CHUNK, decode_content=False):
                if time.monotonic() > deadline:
                    message = f"the download took more than {seconds:g} seconds"
                    raise CallFailedError(Failure("unreachable", message))
                yield piece
            whole = True
        finally:
            if not whole:
                reply.close()  # what is left would be taken for the next answer
            reply.release_conn()
    except (HTTPError, OSError) as error:
        message = f"the download broke off ({type(error).__name__})"
        raise CallFailedError(Failure("unreachable", message)) from error


def _opened(url: str, pool: PoolManager | None) -> BaseHTTPResponse:
    """The response of the URL, or of its redirect."""
    for _ in range(_REDIRECTS + 1):
        proxy = getproxies().get(urlsplit(url).scheme, "")
        http = pool or _pool(proxy, os.environ.get("AWS_CA_BUNDLE"))
        reply = http.request("GET", url, preload_content=False, redirect=False)
        if reply.status == 200:
            return reply
        target = urljoin(url, reply.headers.get("Location", ""))
        status = reply.status
        reply.close()
        if status not in _MOVED:
            raise CallFailedError(_refused(status))
        if not _may_follow(url, target):
            message = f"the download is redirected to {urlsplit(target).scheme or 'nowhere'}"
            raise CallFailedError(Failure("error", f"{message} on another server"))
        url = target
    raise CallFailedError(Failure("error", f"the download is redirected {_REDIRECTS} times"))


def _may_follow(url: str, target: str) -> bool:
    return target.startswith("https:") or urlsplit(url)[:2] == urlsplit(target)[:2]


def _refused(status: int) -> Failure:
    if status == 403:
        return Failure("denied", "the download URL was refused (HTTP 403)", "403")
    if status in (429, 503):
        return Failure("throttled", f"the download was refused (HTTP {status})", str(status))
    return Failure("error", f"the download answered HTTP {status}", str(status))


@cache
def _pool(proxy: str, ca_bundle: str | None) -> PoolManager:
    """One pool of connections for all downloads, through the proxy of the environment if any."""
    from urllib3 import PoolManager, ProxyManager, Retry, Timeout  # noqa: PLC0415 -- as above

    retries = Retry(
        total=4, backoff_factor=0.2, status_forcelist=(429, 500, 502, 503, 504),
        raise_on_status=False, redirect=0,
    )  # fmt: skip
    timeout = Timeout(connect=5, read=60)
    if proxy:
        return ProxyManager(proxy, maxsize=64, retries=retries, timeout=timeout, ca_certs=ca_bundle)
    return PoolManager(maxsize=64, retries=retries, timeout=timeout, ca_certs=ca_bundle)

"""A registry by the OCI distribution protocol: manifests and blobs by name, as docker pull would.

Who may read is asked as the registry says (Bearer or Basic challenge, RFC 9110 and distribution's
token protocol), with the credentials that ``docker login`` keeps, helpers too. They go over https
alone, or to this very machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from jotgraph.errors import SourceError, UnknownNameError
from jotgraph.records.media_types import MANIFEST_TYPES
from jotgraph.records.references import reference
from jotgraph.sources.cache import digest_of
from jotgraph.sources.documents.json_input import json_object
from jotgraph.sources.documents.manifests import MAX_BLOB

if TYPE_CHECKING:
    from requests import Response

_TIMEOUT = (5.0, 60.0)
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_HUB = "registry-1.docker.io"
_LOOPBACK = re.compile(r"(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?")


class Address(NamedTuple):
    """An image reference with its registry's host."""

    host: str
    repository: str
    reference: str
    """A digest if it has one, else the tag."""


def address_of(name: str) -> Address | None:
    """Take ``host/path[:tag][@digest]`` apart; None for a name without a host, which by docker's
    rule has a dot or a port, or is ``localhost``."""
    host, slash, rest = name.partition("/")
    if not slash or not ("." in host or ":" in host or host == "localhost"):
        return None
    path, tag, digest = reference(rest)
    if host in ("docker.io", "index.docker.io"):
        host, path = "docker.io", path if "/" in path else f"library/{path}"
    return Address(host, path, digest or tag or "latest")


class Registry:
    """One repository of one registry. Every method raises SourceError with what to do, or
    UnknownNameError for what is not there."""

    def __init__(self, host: str, repository: str) -> None:
        self._host = host
        server = _HUB if host == "docker.io" else host
        scheme = "http" if _LOOPBACK.fullmatch(host) else "https"
        self._base = f"{scheme}://{server}/v2/{repository}"
        self._name = f"{host}/{repository}"
        self._authorization: dict[str, str] = {}

    def manifest(self, wanted: str) -> tuple[bytes, str]:
        """The manifest or index that a tag or a digest names, and its digest. One asked for by
        digest has that digest."""
        accept = {"Accept": ", ".join(MANIFEST_TYPES)}
        content = _bounded(self._get(f"manifests/{wanted}", accept))
        digest = digest_of(content)
        if wanted.startswith("sha256:") and digest != wanted:
            raise SourceError(f"{self._name}: {wanted} was asked, {digest} came")
        return content, digest

    def document(self, digest: str) -> bytes:
        """A small blob, verified."""
        content = _bounded(self._get(f"blobs/{digest}", {}))
        if digest_of(content) != digest:
            raise SourceError(f"{self._name}: {digest} was asked, {digest_of(content)} came")
        return content

    def blob(self, digest: str) -> Iterator[bytes]:
        """A blob as it is stored, in pieces, not verified."""
        with self._get(f"blobs/{digest}", {}) as answer:
            yield from answer.raw.stream(1 << 20, decode_content=False)

    def _get(self, path: str, headers: dict[str, str]) -> Response:
        url = f"{self._base}/{path}"
        answer = _get(url, headers | self._authorization)
        if answer.status_code == 401:
            self._authorization = self._authorize(answer.headers.get("WWW-Authenticate", ""))
            answer.close()
            answer = _get(url, headers | self._authorization)
        if answer.status_code == 404:
            raise UnknownNameError(f"{self._name} {path.partition('/')[2]}")
        if answer.status_code in (401, 403):
            raise SourceError(f"{self._name} may not be read; run docker login {self._host}")
        if answer.status_code != 200:
            raise SourceError(f"{url} answered HTTP {answer.status_code}; try again later")
        return answer

    def _authorize(self, challenge: str) -> dict[str, str]:
        """What the registry wants to see, from docker's own configuration."""
        kept = _credentials(self._host)
        user, secret = _either(kept, "username"), _either(kept, "password")
        if challenge.lower().startswith("basic"):
            import base64  # noqa: PLC0415 -- seldom wanted

            told = base64.b64encode(f"{user}:{secret}".encode()).decode()
            return {"Authorization": f"Basic {told}"} if user else {}
        asked: dict[str, str] = {each[1]: each[2] for each in _CHALLENGE.finditer(challenge)}
        realm = urlsplit(asked.get("realm", ""))
        if realm.scheme != "https" and not _LOOPBACK.fullmatch(realm.netloc):
            raise SourceError(f"{self._host} sends its callers to {realm.geturl()!r}, not https")
        token = _token(asked, _either(kept, "identitytoken"), (user, secret) if user else None)
        return {"Authorization": f"Bearer {token}"} if token else {}


def _token(asked: dict[str, str], identity: str, login: tuple[str, str] | None) -> str:
    """A token from the realm: by password, or by the identity token that some logins leave."""
    import requests  # noqa: PLC0415 -- 0.1 s, and only content needs it (docker-py brings it)

    wanted = {name: asked[name] for name in ("service", "scope") if name in asked}
    try:
        if identity:
            grant = {
                "grant_type": "refresh_token",
                "refresh_token": identity,
                "client_id": "jotgraph",
            }
            form = wanted | grant
            answer = requests.post(asked["realm"], data=form, timeout=_TIMEOUT, stream=True)
        else:
            answer = requests.get(
                asked["realm"], params=wanted, auth=login, timeout=_TIMEOUT, stream=True
            )
    except requests.RequestException as error:
        raise SourceError(f"{asked['realm']} cannot be reached ({type(error).__name__})") from error
    if answer.status_code != 200:
        return ""
    try:
        told = json_object(_bounded(answer), MAX_BLOB)
    except ValueError:
        return ""
    return str(told.get("token") or told.get("access_token") or "")


def _get(url: str, headers: dict[str, str]) -> Response:
    import requests  # noqa: PLC0415 -- as above

    try:
        return requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT)
    except requests.RequestException as error:
        host = urlsplit(url).netloc
        raise SourceError(f"{host} cannot be reached ({type(error).__name__})") from error


def _bounded(answer: Response) -> bytes:
    found = bytearray()
    with answer:
        for piece in answer.iter_content(1 << 16):
            found += piece
            if len(found) > MAX_BLOB:
                raise SourceError(f"{answer.url}: a document of more than {MAX_BLOB:,} bytes")
    return bytes(found)


def _credentials(host: str) -> dict[str, Any]:
    """What ``docker login`` keeps for a host, ``$DOCKER_CONFIG`` and helpers heeded."""
    from docker import auth, errors  # noqa: PLC0415 -- docker is slow to import

    try:
        return auth.load_config().resolve_authconfig(host) or {}
    except (errors.DockerException, ValueError, OSError):
        return {}


def _either(kept: dict[str, Any], name: str) -> str:
    """Docker-py spells its keys in two ways."""
    lowered = {key.lower(): value for key, value in kept.items()}
    return str(lowered.get(name) or "")

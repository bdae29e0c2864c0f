"""Read the revision that text in a file names, as builds leave it. Pure; nothing raises.

What a reader returns is ``<kind> <revision>[-dirty] [<repository>]``, or empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from jotgraph.records.json_text import NOT_JSON
from jotgraph.records.references import URL_CREDENTIALS

_SHA = r"[0-9a-f]{40}(?:[0-9a-f]{24})?"
FULL = re.compile(_SHA)
_SHORT = re.compile(r"(?P<g>g)?(?P<sha>[0-9a-f]{7,40})")
_MARK = re.compile(r"[-.+](?:d\d{8}|dirty|modified)$")
_DESCRIBE = re.compile(r".+-\d+-(?P<g>g)(?P<sha>[0-9a-f]{7,40})")
_LOCAL = re.compile(r"[^+\s]+\+(?:[\w.-]*[.-])?(?P<g>g)?(?P<sha>[0-9a-f]{64}|[0-9a-f]{7,40})")
"""Build metadata of a version: setuptools_scm and versioneer (``+g<sha>``), GitVersion
and the .NET SDK (``+<sha>``)."""
_NOISE = re.compile(r"[-_. ]")
_REVISIONS = frozenset(
    {
        "buildcommit", "buildgitcommit", "buildrevision", "buildsha", "change", "commit",
        "commithash", "commitid", "commitsha", "fullchange", "gitcommit", "gitcommithash",
        "gitcommitid", "gitcommitidabbrev", "gitcommitidfull", "gitcommitsha", "githash",
        "githead", "githeadrev", "gitrevision", "gitsha", "implementationbuild",
        "implementationscmrevision", "revision", "scmcommit", "scmrevision", "sha",
        "sourcecommit", "sourcerevision", "vcscommit", "vcsref", "vcsrevision",
    }
)  # fmt: skip
"""Keys whose value is a revision, without ``-_.`` and in lower case: git-commit-id plugins,
Gradle's info plugins, Maven's buildnumber, Spring Boot's build-info, Mozilla's version.json."""
_SOURCES = frozenset(
    {
        "gitremoteoriginurl", "moduleorigin", "repository", "scmconnection", "scmurl", "source",
        "sourceurl", "vcsurl",
    }
)  # fmt: skip
_DIRTY = frozenset({"gitdirty", "dirty"})
_TEXT = 500


def as_revision(text: str, *, short: bool) -> tuple[str, bool] | None:
    """The revision that a value is, or that a version ends in, and whether it is marked dirty.
    Digits alone may be a date or a number: a short one needs a letter or git's ``g``."""
    value = text.strip().lower()
    if len(value) > 200:
        return None
    clean = _MARK.sub("", value)
    if FULL.fullmatch(clean):
        return clean, clean != value
    match = _DESCRIBE.fullmatch(clean) or _LOCAL.fullmatch(clean)
    if match is None and short:
        match = _SHORT.fullmatch(clean)
    if match and (match["g"] or re.search("[a-f]", match["sha"])):
        return match["sha"], clean != value
    return None


def told(kind: str, revision: tuple[str, bool] | None, source: str = "") -> str:
    """A reader's answer."""
    if revision is None:
        return ""
    clean = URL_CREDENTIALS.sub("", source.removeprefix("scm:").removeprefix("git:").strip())
    named = f" {clean}" if clean and " " not in clean and len(clean) < _TEXT else ""
    return f"{kind} {revision[0]}{'-dirty' if revision[1] else ''}{named}"


def by_keys(kind: str, entries: Iterable[tuple[str, str]]) -> str:
    """What keys say that by name hold a revision, a full one before an abbreviated one."""
    values = {_NOISE.sub("", key).lower(): value for key, value in entries}
    revisions = [
        revision
        for key in sorted(_REVISIONS & values.keys())
        if (revision := as_revision(values[key], short=True))
    ]
    if not revisions:
        return ""
    sha, marked = max(revisions, key=lambda revision: (len(revision[0]), revision))
    dirty = marked or any(values.get(key, "").strip().lower() == "true" for key in _DIRTY)
    source = next((values[key] for key in sorted(_SOURCES & values.keys())), "")
    return told(kind, (sha, dirty), source)


def properties(text: str) -> Iterator[tuple[str, str]]:
    """Entries of a Java properties file, line by line (java.util.Properties, without escapes but
    those of ``:`` and ``=``)."""
    for line in text.splitlines():
        if line[:1] not in ("#", "!"):
            key, _, value = line.replace("=", ":", 1).partition(":")
            yield key.strip(), value.strip().replace("\\:", ":").replace("\\=", "=")


def manifest(text: str) -> str:
    """META-INF/MANIFEST.MF: its main section, lines of 72 bytes joined (JAR file specification)."""
    main = re.split(r"\r?\n\r?\n", text, maxsplit=1)[0]
    entries = dict(properties(re.sub(r"\r?\n ", "", main)))
    by_key = by_keys("manifest", entries.items())
    return by_key or told("manifest", _version(entries.get("Implementation-Version", "")))


def _version(text: str) -> tuple[str, bool] | None:
    return as_revision(text, short=False)


def git_properties(text: str) -> str:
    return by_keys("git.properties", properties(text))


def build_info(text: str) -> str:
    return by_keys("build-info", properties(text))


def document(text: str) -> str:
    """A JSON object that a build wrote (``version.json``), two levels deep."""
    top = _object(text)
    inner = [value for value in top.values() if isinstance(value, dict)]
    commits = [entry["commit"] for entry in inner if isinstance(entry.get("commit"), dict)]
    objects = (top, *inner, *commits)
    entries = [
        (key, value)
        for object_ in objects
        for key, value in object_.items()
        if isinstance(value, str)
    ]
    return by_keys("json", [*(entry for entry in entries if entry[0] != "id"), *_ids(commits)])


def _ids(commits: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """``{"git": {"commit": {"id": …}}}``, as Spring Boot's info endpoint nests it."""
    for commit in commits:
        if isinstance(commit.get("id"), str):
            yield "commit id", commit["id"]


def package_json(text: str) -> str:
    sha = _object(text).get("gitHead")
    return f"gitHead {sha}" if isinstance(sha, str) and FULL.fullmatch(sha) else ""


LOCAL_FOLDER = "local-folder"
"""What stands beside a Python package that was installed from a folder or a file of the build."""


def direct_url(text: str) -> str:
    """PEP 610: the commit that was installed, or that it was a folder or a file."""
    entries = _object(text)
    vcs, url = entries.get("vcs_info"), entries.get("url")
    sha = vcs.get("commit_id") if isinstance(vcs, dict) else None
    if vcs is None and isinstance(url, str) and url.startswith("file:"):
        return LOCAL_FOLDER
    if not isinstance(sha, str) or not FULL.fullmatch(sha) or not isinstance(url, str):
        return ""
    return told("pep610", (sha, False), url)


def cargo(text: str) -> str:
    git = _object(text).get("git")
    sha = git.get("sha1") if isinstance(git, dict) else None
    dirty = isinstance(git, dict) and git.get("dirty") is True
    return told("cargo", (sha, dirty)) if isinstance(sha, str) and FULL.fullmatch(sha) else ""


def pbr(text: str) -> str:
    sha = _object(text).get("git_version")
    return told("pbr", as_revision(sha, short=True)) if isinstance(sha, str) else ""


def metadata(text: str) -> str:
    """PKG-INFO or METADATA: the version in its header (core metadata specification)."""
    head = re.split(r"\r?\n\r?\n", text, maxsplit=1)[0]
    match = re.search(r"^Version:[ \t]*(\S+)\s*$", head, re.MULTILINE)
    return told("python-version", _version(match[1])) if match else ""


_ASSIGNED = r"_*[ \t]*=(?:[ \t]*\w{1,40}[ \t]*=){0,2}[ \t]*['\"]"
"""``name = other = '``, on one line: what an expression may go over again is bounded."""
_COMMIT_ID = re.compile(rf"^_*commit_id{_ASSIGNED}(g?[0-9a-f]{{7,64}})['\"]", re.M)
_FULL_ID = re.compile(rf"['\"]full-revisionid['\"][ \t]*:[ \t]*['\"]({_SHA})['\"]")
_VERSION = re.compile(rf"^_*version{_ASSIGNED}([^'\"\n]{{1,200}})['\"]", re.M)


def python_version(text: str) -> str:
    """``_version.py`` of setuptools_scm, hatch-vcs or versioneer, and hand-made ones."""
    full, version = _FULL_ID.search(text), _VERSION.search(text)
    revision = _version(version[1]) if version else None
    if full:
        dirty = re.search(r"['\"]dirty['\"][ \t]*:[ \t]*true", text, re.I) is not None
        return told("python-version", (full[1], dirty))
    if commit := _COMMIT_ID.search(text):
        sha = as_revision(commit[1], short=True)
        return told("python-version", sha and (sha[0], bool(revision and revision[1])))
    return told("python-version", revision)


_ROOT = re.compile(
    rf"['\"]root['\"]\s*=>\s*(?:array\s*\(|\[)[^()\[\]]*?['\"]reference['\"]\s*=>\s*['\"]({_SHA})['\"]"
)


def composer(text: str) -> str:
    """``vendor/composer/installed.php``: the commit of the root package (Composer 2)."""
    match = _ROOT.search(text)
    return told("composer", (match[1], False)) if match else ""


_ARCHIVAL = re.compile(rf"^node:\s*({_SHA})\s*$", re.MULTILINE)


def archival(text: str) -> str:
    """``.git_archival.txt``, filled in by ``git archive`` (gitattributes, export-subst)."""
    match = _ARCHIVAL.search(text)
    return told("archive", (match[1], False)) if match else ""


def plain(text: str) -> str:
    """A file such as REVISION that holds nothing but a revision."""
    return told("file", as_revision(text, short=True))


_TOKEN = re.compile(rf"(?<![0-9a-fA-F]){_SHA}(?![0-9a-fA-F])")


def own(text: str) -> str:
    """A file of a team's own: a revision and nothing else, or the first full one in it."""
    if token := _TOKEN.search(text):
        return told("own", (token[0], False))
    return told("own", as_revision(text, short=True))


def plain_version(text: str) -> str:
    """A file such as VERSION: a full revision, or a version that ends in one."""
    return told("file", _version(text))


def _object(text: str) -> Mapping[str, Any]:
    try:
        decoded = msgspec.json.decode(text)
    except (*NOT_JSON, UnicodeError):
        return {}
    return decoded if isinstance(decoded, dict) else {}

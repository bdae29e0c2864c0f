"""The few words that a card has room for, and the many that its tooltip has."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from jotgraph.records import (
    KINDS,
    Alias,
    Commit,
    Container,
    EcrImage,
    EcrRepository,
    Function,
    ImageType,
    Kind,
    LocalImage,
    Missing,
    Node,
    Role,
    Trigger,
    Version,
    Workload,
    hex_of,
    kind_of,
    last_name_of,
)
from jotgraph.records.phrases import counted
from jotgraph.records.references import arn_of, reference

_UNITS = ("B", "kB", "MB", "GB", "TB")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean(text: str, limit: int = 300) -> str:
    """Text from outside, made safe to show: control, direction and unassigned characters become
    ``\N{REPLACEMENT CHARACTER}``, and what is over ``limit`` characters an ellipsis."""
    if not text.isprintable():
        text = "".join(
            "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) in _HIDDEN else character
            for character in text
        )
    return text if len(text) <= limit else text[: limit - 1] + "…"


def short(digest: str) -> str:
    """``sha256:`` and its first 12 hex digits -> the 12 digits."""
    return digest.rpartition(":")[2][:12]


def size(count: int | None, at_most: bool = False) -> str:
    """Bytes in words, decimal units as ECR bills them: ``1.2 kB``, ``12 MB``, ``0 B``; ``≤`` before
    an upper bound; empty when not known."""
    if count is None:
        return ""
    amount, unit, bound = float(count), 0, "≤ " * at_most
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{bound}{amount:.{int(unit > 0 and amount < 9.95)}f} {_UNITS[unit]}"


def day(moment: datetime | None) -> str:
    """The date (UTC), or empty."""
    return f"{moment:%Y-%m-%d}" if moment else ""


def title(record: Node, refs: tuple[str, ...] = ()) -> str:
    """The first line of a card."""
    match record:
        case Commit():
            return " · ".join((record.sha[:8], *refs[:2]))
        case LocalImage():
            return _without_host(record.tags[0]) if record.tags else short(record.image_id)
        case Container():
            return record.name.lstrip("/") or record.container_id[:12]
        case EcrRepository():
            return record.name
        case EcrImage():
            return _image_title(record)
        case Function():
            return record.name
        case Version():
            return f"version {record.number}"
        case Alias():
            return record.name
        case Trigger():
            source = arn_of(record.source_arn)
            return source.name if source else record.uuid[:8]
        case Workload():
            return record.name
        case Role():
            return record.name
        case Missing():
            return _missing_title(record)


def line(record: Node) -> str:
    """The second line of a card."""
    match record:
        case Commit():
            return record.subject
        case LocalImage():
            name = short(record.image_id) if record.tags else "untagged"
            return _dotted(name, size(record.size or None), _more(record.tags))
        case Container():
            return _dotted("container", record.state)
        case EcrRepository():
            return "empty repository"
        case EcrImage():
            bare = not record.tags and record.architecture
            if bare:
                return _dotted(short(record.digest), "untagged")
            known = size(record.size or None)
            return _dotted(short(record.digest), known, _more(record.tags))
        case Function() | Version():
            what = "image" if record.may_run_image else f"zip {record.runtime}".strip()
            return _dotted(what, day(record.last_modified))
        case Alias():
            return _routes(record)
        case Trigger():
            source = arn_of(record.source_arn)
            service = f"{source.service} " if source else ""
            return _dotted(f"{service}trigger", record.state.lower())
        case Workload():
            what = f"{record.service} {record.type.replace('-', ' ')}"
            return _dotted(
                what, counted(record.tasks, "task") if record.tasks else str(record.state)
            )
        case Role():
            made = f"made {day(record.created_at)}" if record.created_at else ""
            return _dotted(record.path.strip("/"), made) or "IAM role"
        case Missing():
            return _absence(record)


def facts(record: Node) -> list[str]:
    """What a tooltip says: one fact per line, the full id first."""
    found: list[str] = [record.id]
    match record:
        case Commit():
            found += [record.subject, f"{record.author} · {record.committed_at:%Y-%m-%d %H:%M} UTC"]
        case LocalImage():
            found += [*record.tags, *record.repo_digests]
        case EcrImage():
            found += [f"{record.repository}:{tag}" for tag in record.tags]
            found += [_dotted("pushed", day(record.pushed_at), sep=" ")] if record.pushed_at else []
        case Function() | Version():
            found += [record.arn, record.image_uri or "", record.resolved_image_uri or ""]
        case Alias():
            found += [record.arn, _routes(record)]
        case Trigger():
            found += [record.source_arn, record.function_arn]
        case Workload():
            found += [record.arn, *(used.image for used in record.images)]
        case Role():
            found += [record.arn]
            if record.last_used_at:
                found.append(f"last used {day(record.last_used_at)} in {record.last_used_region}")
        case EcrRepository():
            found += [record.arn, record.uri]
        case Container():
            found += [record.image_name]
        case Missing():
            found += [_absence(record)]
    return [fact for fact in found if fact]


def _image_title(record: EcrImage) -> str:
    tags = sorted(record.tags, key=lambda tag: (_is_revision(tag), record.tags.index(tag)))
    name = ", ".join(tag[:10] if _is_revision(tag) else tag for tag in tags[:2]) or "untagged"
    if record.type in (ImageType.IMAGE, ImageType.UNKNOWN):
        return name if record.tags or not record.architecture else record.architecture
    return f"{record.type} {name}" if record.tags else str(record.type)


def _is_revision(tag: str) -> bool:
    """Whether a tag is a whole commit id, which only its beginning need stand for."""
    return len(tag) in (40, 64) and all(character in "0123456789abcdef" for character in tag)


def _absence(record: Missing) -> str:
    """That it was not found, or not read; a commit may be in any repository that was not read."""
    if kind_of(record.id) is Kind.COMMIT:
        return "in no repository read"
    return "referenced, not found" if record.looked else "referenced, not read"


def _missing_title(record: Missing) -> str:
    digits = hex_of(record.resource)
    if KINDS[kind_of(record.resource)].by_prefix and len(digits) >= 40:
        return digits[:12]
    return last_name_of(record.resource)


def _routes(record: Alias) -> str:
    """``v7 90 %, v8 10 %``; ``v7`` when nothing is weighted."""
    if not record.weights:
        return f"to {record.version}" if record.version.startswith("$") else f"to v{record.version}"
    rest = 1 - sum(share for _, share in record.weights)
    parts = [(record.version, rest), *record.weights]
    return ", ".join(f"v{number} {share:.0%}" for number, share in parts)


def _without_host(image: str) -> str:
    named = reference(image)
    return named.path + (f":{named.tag}" if named.tag else "")


def _more(names: tuple[str, ...]) -> str:
    return f"{len(names)} tags" if len(names) > 2 else ""


def _dotted(*parts: str, sep: str = " · ") -> str:
    return sep.join(part for part in parts if part)

"""Redacts an inventory so that every answer equals the original's with its names hashed.

Every text is split into words, and each word that is not public (``jotgraph.store.public_words``)
becomes a keyed hash of itself (HMAC-SHA256). Equal words have equal hashes everywhere, so that ids,
ARNs, image references, policies and labels still match one another. Fields that are not listed here
as kept or dropped are redacted, including new ones.

Kept: times, sizes, numbers, digests, commit SHAs and prefixes of one (7 hex digits or more),
regions, states and words of AWS. Dropped: commit messages, authors, descriptions, details of gaps,
and what a quarantine packed into tags. Reversing a hash needs the key; whoever has the key and
guesses a name can check the guess.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from enum import Enum
from typing import Any, TypeVar

import msgspec

from jotgraph.records import (
    CONSUMERS,
    Alias,
    Commit,
    Coverage,
    Gap,
    GitRepository,
    ImageTest,
    Inventory,
)
from jotgraph.records.gaps import NO_AMOUNT
from jotgraph.records.quarantine import BEFORE, is_mark
from jotgraph.store.public_words import PUBLIC

T = TypeVar("T")

_WORD = re.compile(
    r"(?P<action>(?<![A-Za-z0-9-])[a-z][a-z0-9-]*:[A-Z][A-Za-z]+\b)"
    r"|(?P<account>(?<![A-Za-z0-9])[0-9]{12}(?![A-Za-z0-9]))"
    r"|(?P<principal>(?<![A-Za-z0-9.-])[a-z][a-z0-9-]*\.amazonaws\.com(?:\.cn)?\b)"
    r"|(?P<hex>(?<![A-Za-z0-9])(?:[0-9a-f]{40}|[0-9a-f]{64}|(?=[a-f]*[0-9])[0-9a-f]{7,63})"
    r"(?![A-Za-z0-9]))"
    r"|(?P<number>[0-9]+)"
    r"|(?P<word>(?:[A-Za-z]|[^\x00-\x7f])+)"
)
"""An action of IAM, an account number, a service principal, the hex digits of a digest or SHA, or
letters; any non-ASCII character counts as a letter."""
_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
"""An account number among letters: ``acme123456789012``, ``%3A123456789012``."""
_ABBREVIATED = 40
"""The number of hex digits from which a digest or SHA is complete."""
_PREFIXES = frozenset(
    {
        *CONSUMERS,
        "aws", "cloudwatch", "dynamodb", "ec2", "ecr", "ecr-public", "elasticfilesystem",
        "events", "iam", "inspector2", "kinesis", "kms", "lambda", "logs", "organizations",
        "s3", "secretsmanager", "sns", "sqs", "ssm", "sts", "tag", "xray",
    }
)  # fmt: skip
"""Prefixes of actions and condition keys in policies; a tag such as ``acme:Team`` has the same
form."""
_STANDARD = re.compile(
    r"application/(?:vnd\.(?:docker|oci|in-toto|dev\.cosign|dev\.sigstore|cncf|amazon|aws)\b"
    r"|spdx|vnd\.cyclonedx|vnd\.dsse).*"
    r"|https://(?:slsa\.dev|in-toto\.io|spdx\.dev|cyclonedx\.org|cosign\.sigstore\.dev)/.*"
)
"""Types of manifests and statements defined by a standard or AWS; a team may define its own."""
_TYPES = frozenset({"artifact_media_type", "media_type", "predicate"})
_URL = re.compile(r"(?:git\+)?(?:https?|ssh|git)://\S+|[\w.-]+@[\w.-]+:\S+")
_SHORT = 2
"""The length of words too short to be a name."""
_LETTERS = 10
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"

_KEPT = frozenset(
    {
        "action", "architecture", "architectures", "code_sha256",
        "config_digest", "counts", "diff_ids", "digest", "env_hash", "facts", "grade", "head",
        "hides", "kind", "last_update_status", "last_used_region", "mutability",
        "not_scanned", "number", "object_format", "option", "os", "package_type", "parents",
        "platform", "reason", "revision", "runtime", "sha", "state",
        "state_reason", "status", "verdict",
    }
)  # fmt: skip
"""Fields of any record with words of AWS, git or this program, digests and SHAs."""
_DROPPED: dict[type, frozenset[str]] = {
    Alias: frozenset({"description"}),
    Commit: frozenset({"author", "subject"}),
    Coverage: frozenset({"because"}),
    Gap: frozenset({"detail", "amount"}),
    GitRepository: frozenset({"path"}),
    ImageTest: frozenset({"by", "where"}),
}
"""Free text, and its authors."""


def redacted(inventory: Inventory, key: bytes) -> Inventory:
    """Return an inventory in which every name is a hash by ``key``."""
    return Redaction(key).of(inventory)


class Redaction:
    """The redaction of texts with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.words: dict[str, str] = {}
        """Every redacted word, with its hash."""

    def of(self, value: T) -> T:
        """Return a record, or any container of texts, redacted."""
        redacted: Any = self._of(value)
        return redacted  # type: ignore[no-any-return] # the same type, with other texts

    def _of(self, value: Any) -> Any:
        match value:
            case Enum():
                return value
            case str():
                return self.text(value)
            case tuple() if len(value) == 2 and isinstance(value[0], str):
                return self._pair(*value)
            case tuple():
                return tuple(map(self._of, value))
            case msgspec.Struct():
                return self._struct(value)
            case _:
                return value

    def _pair(self, key: str, value: Any) -> tuple[str, Any]:
        """A pair such as a tag or label; what a quarantine packed into a tag is a copy of
        settings."""
        if key.startswith(f"{BEFORE}:"):
            return key, ""
        if is_mark(key):
            return key, value
        if key.startswith("jotgraph:"):
            return key, self._of(value)  # a reason to protect it, say, or the name of a function
        return self.text(key), self._of(value)

    def _struct(self, value: msgspec.Struct) -> Any:
        dropped = _DROPPED.get(type(value), frozenset())
        changes: dict[str, Any] = {}
        for name in value.__struct_fields__:
            before = getattr(value, name)
            if name in dropped:
                changes[name] = NO_AMOUNT if name == "amount" else ""
            elif name in _TYPES and _STANDARD.fullmatch(before):
                continue
            elif name not in _KEPT and not (name == "service" and isinstance(value, Gap)):
                changes[name] = self._of(before)
        return msgspec.structs.replace(value, **changes)

    def text(self, text: str) -> str:
        """Return a text with all words hashed except public ones. URLs are hashed in lower case,
        since hosting services ignore case in names."""
        folded = _URL.sub(lambda match: match[0].lower(), text)
        return _WORD.sub(self._word, folded)

    def _word(self, match: re.Match[str]) -> str:
        word = match[0]
        if match["account"]:
            return self.words.setdefault(word, self._account(word))
        if match["action"]:
            prefix, _, name = word.partition(":")
            return word if prefix in _PREFIXES else f"{self.text(prefix)}:{self.text(name)}"
        if match["number"] or (match["hex"] and len(word) < _ABBREVIATED):
            return _ACCOUNT.sub(self._numbered, word)
        short = len(word) <= _SHORT and word.isascii()
        if match["word"] is None or short or word in PUBLIC or word.lower() in PUBLIC:
            return word
        return self.words.setdefault(word, self._hash(word))

    def _numbered(self, match: re.Match[str]) -> str:
        return self.words.setdefault(match[0], self._account(match[0]))

    def _hash(self, word: str) -> str:
        number = int.from_bytes(self._mac(word), "big")
        letters = []
        for _ in range(_LETTERS):
            number, letter = divmod(number, len(_ALPHABET))
            letters.append(_ALPHABET[letter])
        return "".join(letters)

    def _account(self, account: str) -> str:
        return f"{int.from_bytes(self._mac(account), 'big') % 10**12:012}"

    def _mac(self, text: str) -> bytes:
        return hmac.new(self._key, text.encode(), hashlib.sha256).digest()

"""How a service is read: its calls, and where its answers say what runs.

Expressions are JMESPath (jmespath.org) over a *document*, which begins empty; each call adds what
it found under ``into``. ``before(text, x)`` is the text before the first x, ``after(text, x)`` that
behind the last. Page and batch sizes are those of the service's API reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One step of reading a service: a listing, or with ``names`` a description of those."""

    action: str
    found: str = ""
    """The member of the answer that holds what was found; empty is the whole answer."""
    into: str
    args: Mapping[str, str] = _NOTHING
    """Parameter -> expression over the document. A listing that takes none of a document is made
    once, if there is any document at all."""
    fixed: Mapping[str, Any] = _NOTHING
    """Parameters that are always the same."""
    page: int = 0
    """The page to ask for; 0 where no size can be given."""
    limit: str = "maxResults"
    token: str = "nextToken"

    names: str = ""
    """Expression for the names to ask about; none is a listing."""
    member: str = ""
    """The parameter that takes them."""
    batch: int = 1
    """How many a call takes; with more than 1 the parameter is a list."""
    key: str = ""
    """Of what a batch found, the name it was asked by; of a single answer that is needed whole, a
    member that it always has, where that is not ``member``."""
    missing: str = "failures[?reason=='MISSING'].arn"
    """Expression over the answer for the names of a batch that are not there any more. One that is
    neither found nor missing was not read."""
    several: bool = False
    """A document may name several, or none: ``into`` is a list, and the document stays when one
    cannot be read. Otherwise ``into`` is the one, and without it there is no document."""
    facts: tuple[str, ...] = ()
    """What is not known of a workload when one of ``several`` cannot be read."""
    keep: str = ""
    """What is needed of the answer."""
    immutable: str = ""
    """Expression over ``{name, document}`` for texts that name the answer for ever: it is asked
    once and kept, cut down to ``keep``."""
    settled: str = ""
    """Expression over what is kept: whether nothing is added to it any more. Without one it never
    changes from the first."""


class Consumer(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of workload of one service."""

    service: str
    """The prefix of its IAM actions, and the client of boto3 unless ``client`` names another."""
    client: str = ""
    type: str
    """Expression; a plain word is quoted."""
    calls: tuple[Call, ...]
    name: str
    arn: str
    images: str = "`[]`"
    """References, or pairs of a reference and the digest it was resolved to (which may be the end
    of a longer text)."""
    roles: str = "`[]`"
    """ARNs or names."""
    tags: str = "`null`"
    """A mapping, or a list of keys and values; null where the calls do not show them."""
    state: str = "'running'"
    """``running``, ``newest`` or ``active``; with a ``family`` it is one of the last two."""
    family: str = ""
    """What the revisions of one thing have in common: the highest ``revision`` is the newest."""
    revision: str = ""
    tasks: str = "`0`"
    changed_at: str = "`null`"

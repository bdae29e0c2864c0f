"""How a service is read: its calls, and where their responses say what runs.

Expressions are JMESPath (jmespath.org) over a *document*, which starts empty; each call adds its
result under ``into``. ``before(text, x)`` is the text before the first x, ``after(text, x)`` that
after the last. Page and batch sizes come from the service's API reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One step of reading a service: a listing or, with ``names``, a description."""

    action: str
    found: str = ""
    """The member of the response with the result; empty for the whole response."""
    into: str
    args: Mapping[str, str] = _NOTHING
    """Parameter -> expression over the document. A listing without them is made once, if there is
    any document."""
    fixed: Mapping[str, Any] = _NOTHING
    """Constant parameters."""
    page: int = 0
    """The page size to request; 0 where none can be given."""
    limit: str = "maxResults"
    token: str = "nextToken"

    names: str = ""
    """Expression for the names to describe; empty for a listing."""
    member: str = ""
    """The parameter for the names."""
    batch: int = 1
    """The most names in a call; with more than 1 the parameter is a list."""
    key: str = ""
    """For a batch, the member with the name of each result; for a single response that must be
    complete, a member that it always has, if that is not ``member``."""
    missing: str = "failures[?reason=='MISSING'].arn"
    """Expression over the response for names that no longer exist. A name that is neither a result
    nor missing was not read."""
    several: bool = False
    """Whether a document may name several or none: ``into`` is then a list, and the document is
    kept when one cannot be read. Otherwise ``into`` is the single result, and the document needs
    it."""
    facts: tuple[str, ...] = ()
    """What is unknown about a workload when one of ``several`` cannot be read."""
    keep: str = ""
    """The members of the response that are needed."""
    immutable: str = ""
    """Expression over ``{name, document}`` for the text under which the response is stored for
    ever, reduced to ``keep``."""
    settled: str = ""
    """Expression over the stored response for whether it is final. Without one it never changes."""


class Consumer(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of workload of one service."""

    service: str
    """The prefix of its IAM actions, and the boto3 client unless ``client`` names another."""
    client: str = ""
    type: str
    """Expression; a literal is quoted."""
    calls: tuple[Call, ...]
    name: str
    arn: str
    images: str = "`[]`"
    """References, or pairs of a reference and the digest it resolved to (which may be the end of a
    longer text)."""
    roles: str = "`[]`"
    """ARNs or names."""
    tags: str = "`null`"
    """A mapping, or a list of keys and values; null where the calls do not return them."""
    state: str = "'running'"
    """``running``, ``newest`` or ``active``; with a ``family`` one of the last two."""
    family: str = ""
    """What revisions of one thing share: the highest ``revision`` is the newest."""
    revision: str = ""
    tasks: str = "`0`"
    changed_at: str = "`null`"

"""The answer of ``doctor``: identities, permissions, this machine, and tested assumptions.

Text from outside (names, ARNs, messages) is never mixed with the program's own words: ``Words``
keeps it apart, so that a redacted report can replace every piece of it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class Value(msgspec.Struct, frozen=True):
    """A piece of text from outside."""

    text: str
    term: bool = False
    """Whether it is a term of AWS (an error code, a field, a state), which is kept unless the
    estate uses it as a name."""


class Words(msgspec.Struct, frozen=True):
    """A sentence with the positions of text from outside."""

    template: str = ""
    values: tuple[Value, ...] = ()

    def __str__(self) -> str:
        return self.template.format(*(value.text for value in self.values))


def words(template: str, *values: Value | str) -> Words:
    """Build a sentence; plain texts among the values are names of the estate."""
    return Words(template, tuple(v if isinstance(v, Value) else Value(v) for v in values))


def term(text: str) -> Value:
    """Mark a text as a term of AWS."""
    return Value(text, term=True)


class Identity(msgspec.Struct, frozen=True):
    """One session, and the identity behind it."""

    profile: Value
    regions: tuple[str, ...]
    account: Value = Value("")
    arn: Value = Value("")
    failure: Words = Words()
    """Why the identity is unknown; empty when it is known."""


class Attempt(StrEnum):
    """How trying a call ended."""

    ALLOWED = "allowed"
    DENIED = "denied"
    FAILED = "failed"
    UNTRIED = "not tried"


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """One IAM action in one account and region."""

    account: Value
    region: str
    action: str
    because: str
    """What it is used for."""
    state: Attempt
    detail: Words = Words()


class ExaminationResult(StrEnum):
    """The result of testing an assumption or a part of this machine."""

    HOLDS = "holds"
    FAILS = "does not hold"
    UNTRIED = "not tried"


class Assumption(msgspec.Struct, frozen=True, kw_only=True):
    """An assumption about AWS that the program relies on."""

    id: str
    claim: str
    used_in: str
    """The module that relies on it."""
    result: ExaminationResult
    samples: int = 0
    details: tuple[Words, ...] = ()
    """Why it does not hold or was not tested."""


class MachinePart(msgspec.Struct, frozen=True, kw_only=True):
    """A program or folder of this machine that jotgraph uses."""

    name: str
    result: ExaminationResult
    state: Words


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """The whole report."""

    taken_at: datetime
    program: str
    """The version of jotgraph."""
    identities: tuple[Identity, ...] = ()
    access: tuple[Access, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    parts: tuple[MachinePart, ...] = ()
    names: frozenset[str] = frozenset()
    """Names of the estate, which a redacted report must not contain even as terms. Never
    written."""
    redacted: bool = False

    @property
    def failing(self) -> tuple[str, ...]:
        """What fails, by name, for ``--check``."""
        return (
            *(
                f"profile {identity.profile.text or 'default'}"
                for identity in self.identities
                if identity.failure.template
            ),
            *(f"{row.action} in {row.region}" for row in self.access if row.state in _BAD),
            *(
                assumption.id
                for assumption in self.assumptions
                if assumption.result is ExaminationResult.FAILS
            ),
            *(part.name for part in self.parts if part.result is ExaminationResult.FAILS),
        )

    @property
    def blind(self) -> bool:
        """Whether nothing could be read of the AWS that was requested."""
        return bool(self.identities) and all(
            identity.failure.template for identity in self.identities
        )


_BAD = (Attempt.DENIED, Attempt.FAILED)

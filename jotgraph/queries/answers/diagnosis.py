"""What ``doctor`` answers: who asks, what may be read, what is here, which assumptions hold.

Text of the world (names, ARNs, messages) is never mixed with the program's own words: a ``Words``
keeps it apart, so that a redacted report can replace every piece of it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class Value(msgspec.Struct, frozen=True):
    """A piece of text that is not ours."""

    text: str
    term: bool = False
    """A word of AWS's own (an error code, a field, a state): kept unless the estate has that name,
    too."""


class Words(msgspec.Struct, frozen=True):
    """A sentence of ours, with the places of what is not."""

    template: str = ""
    values: tuple[Value, ...] = ()

    def __str__(self) -> str:
        return self.template.format(*(value.text for value in self.values))


def words(template: str, *values: Value | str) -> Words:
    """A sentence; texts without more are names of the estate."""
    return Words(template, tuple(v if isinstance(v, Value) else Value(v) for v in values))


def term(text: str) -> Value:
    """A word of AWS's own."""
    return Value(text, term=True)


class Identity(msgspec.Struct, frozen=True):
    """One session, and whose it is."""

    profile: Value
    regions: tuple[str, ...]
    account: Value = Value("")
    arn: Value = Value("")
    failure: Words = Words()
    """Why it is not known; empty where it is."""


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
    """What became of an assumption or of a part of this machine."""

    HOLDS = "holds"
    FAILS = "does not hold"
    UNTRIED = "not tried"


class Assumption(msgspec.Struct, frozen=True, kw_only=True):
    """Something about AWS that the program relies on."""

    id: str
    claim: str
    used_in: str
    """The module that relies on it."""
    result: ExaminationResult
    samples: int = 0
    details: tuple[Words, ...] = ()
    """What does not hold, or why it was not tried."""


class MachinePart(msgspec.Struct, frozen=True, kw_only=True):
    """A program or folder of this machine that is used."""

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
    """Names of the estate, which no term may repeat in a redacted report. Never written."""
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
        """Whether nothing at all could be read of the AWS that was asked for."""
        return bool(self.identities) and all(
            identity.failure.template for identity in self.identities
        )


_BAD = (Attempt.DENIED, Attempt.FAILED)

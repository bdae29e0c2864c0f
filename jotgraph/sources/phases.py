"""Reports that a phase of a scan has ended."""

from __future__ import annotations


class Phase(str):
    """The end of a phase, as text and in parts: ``lambda us-east-1: function``."""

    __slots__ = ("noun", "place")

    place: str
    """What was read, and where."""
    noun: str
    """The counted noun in the singular."""

    def __new__(cls, place: str, noun: str) -> Phase:
        phase = super().__new__(cls, f"{place}: {noun}")
        phase.place, phase.noun = place, noun
        return phase

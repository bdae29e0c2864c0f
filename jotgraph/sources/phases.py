"""The end of a phase of a scan, as it is told while something is read."""

from __future__ import annotations


class Phase(str):
    """That a phase is done, as text and as what it is made of: ``lambda us-east-1: function``."""

    __slots__ = ("noun", "place")

    place: str
    """What was read, and where."""
    noun: str
    """What is counted, of one."""

    def __new__(cls, place: str, noun: str) -> Phase:
        phase = super().__new__(cls, f"{place}: {noun}")
        phase.place, phase.noun = place, noun
        return phase

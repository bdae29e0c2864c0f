"""Gaps that are alike but for the resource they are about share a line."""

from __future__ import annotations

from jotgraph.cli.answer import gap_lines
from jotgraph.records import Gap


def denied(name: str, action: str = "GetFunction") -> Gap:
    return Gap(
        service="lambda", action=action, account="1", region="r", resource=name,
        reason="denied", detail=f"may not read function:{name}",
    )  # fmt: skip


def test_alike_share_a_line() -> None:
    many = tuple(denied(f"f{n}") for n in range(40))
    assert gap_lines((*many, denied("f1", "GetPolicy"))) == [
        "41 gaps: this much was not read and may exist",
        "  lambda GetFunction in 1/r/f0: denied: may not read function:f0 (and 39 more like it)",
        "  lambda GetPolicy in 1/r/f1: denied: may not read function:f1",
    ]


def test_a_long_list_is_cut() -> None:
    told = gap_lines((*(denied("f", f"Get{n}") for n in range(12)), denied("g", "Get11")))
    assert len(told) == 12
    assert told[-1] == "  … and 3 more (--format json lists them)"


def test_nothing() -> None:
    assert gap_lines(()) == []

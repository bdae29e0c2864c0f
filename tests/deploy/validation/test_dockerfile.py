"""Instructions of a Dockerfile with their lines, and its stages."""

from __future__ import annotations

import pytest

from jotgraph.deploy.validation.dockerfile import expanded, lineage, parse


def steps(text: str) -> list[tuple[int, str, str]]:
    return [
        (step.line, step.name, step.rest) for stage in parse(text.encode()).stages
        for step in stage.steps
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\n", []),
        ("FROM a\r\nCMD x\r\n", [(2, "CMD", "x")]),
        ("FROM a\ncmd x", [(2, "CMD", "x")]),
        ("FROM a\nRUN a \\\n  # no\n\n  b\nCMD x", [(2, "RUN", "a   b"), (6, "CMD", "x")]),
        ("FROM a\nRUN a \\ b\nCMD x", [(2, "RUN", "a \\ b"), (3, "CMD", "x")]),
        ("# escape=`\nFROM a\nRUN a `\n b\n", [(3, "RUN", "a  b")]),
        ("# hm\n# escape=`\nFROM a\nRUN a `\nCMD b\n", [(4, "RUN", "a `"), (5, "CMD", "b")]),
        ("FROM a\nRUN <<E\nFROM b\nE\nCMD x", [(2, "RUN", "<<E"), (5, "CMD", "x")]),
        ("FROM a\nRUN <<-'E' sh\n\tCMD y\n\tE\nCMD x", [(2, "RUN", "<<-'E' sh"), (5, "CMD", "x")]),
        ("FROM a\nCOPY <<A <<B /\n1\nA\n2\nB\nCMD x", [(2, "COPY", "<<A <<B /"), (7, "CMD", "x")]),
        ("FROM a\nRUN cat <<<E\nCMD x", [(2, "RUN", "cat <<<E"), (3, "CMD", "x")]),
        ("FROM a\nRUN echo '<<E' x\nCMD x", [(2, "RUN", "echo '<<E' x"), (3, "CMD", "x")]),
        ("FROM a\nRUN echo ' <<E '\nCMD x", [(2, "RUN", "echo ' <<E '"), (3, "CMD", "x")]),
        ("FROM a\nLABEL x=<<E\nCMD x", [(2, "LABEL", "x=<<E"), (3, "CMD", "x")]),
    ],
)  # fmt: skip
def test_instructions(text: str, expected: list[tuple[int, str, str]]) -> None:
    assert steps(text) == expected
    assert parse(text.encode()).faults == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(1, True)]),
        ("# only this\n", [(1, True)]),
        ("FROM\n", [(1, True)]),
        ("FROM a as\n", [(1, True)]),
        ("FROM a b c\n", [(1, True)]),
        ("ARG A=1\nRUN x\nFROM a\n", [(2, True)]),
        ("FROM a\nRUN <<E\nx\n", [(2, False)]),
        ("FROM --platform=linux/arm64 a AS b\n", []),
    ],
)
def test_faults(text: str, expected: list[tuple[int, bool]]) -> None:
    assert [(fault.line, fault.certain) for fault in parse(text.encode()).faults] == expected


def test_stages_continue_one_another() -> None:
    text = (
        b"ARG V=3.12\nARG IMAGE=python:${V}\nFROM $IMAGE AS Base\nCMD a\nFROM other AS tool\n"
        b"FROM --platform=$BUILDPLATFORM base\nCMD b\n"
    )
    file = parse(text)
    assert [(s.line, s.image, s.parent, s.name, s.platform) for s in file.stages] == [
        (3, "python:3.12", None, "base", ""),
        (5, "other", None, "tool", ""),
        (6, "base", 0, "", "$BUILDPLATFORM"),
    ]
    assert [stage.line for stage in lineage(file)] == [3, 6]


def test_a_stage_is_not_its_own_parent() -> None:
    (stage,) = parse(b"FROM python AS python\n").stages
    assert stage.parent is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "a"),
        ("$V", "1"),
        ("a:${V}-b", "a:1-b"),
        ("${W:-2}", "2"),
        ("${V:-2}", "1"),
        ("${V:+x}${W:+y}", "x"),
        ("$W", None),
        ("${V", None),
        ("${W:-$V}", None),
        ("$V" * 5000, None),
    ],
)
def test_variables(text: str, expected: str | None) -> None:
    assert expanded(text, {"V": "1"}) == expected


def test_values_do_not_grow_without_end() -> None:
    lines = ["ARG A0=aaaaaaaaaa", *(f"ARG A{n}=$A{n - 1}$A{n - 1}" for n in range(1, 60))]
    (stage,) = parse("\n".join((*lines, "FROM $A59")).encode()).stages
    assert stage.image is None


def test_the_frontend_is_told() -> None:
    assert parse(b"# syntax=docker/dockerfile:1\nFROM a").frontend == "docker/dockerfile:1"
    assert parse(b"FROM a\n# syntax=x").frontend == ""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("BOGUS x", "BOGUS is not an instruction."),
        ("COPY a", "COPY takes a source and a target, and has 1."),
        ("ADD", "ADD takes a source and a target, and has nothing."),
        ("COPY <<E\nx\nE", ""),
        ("COPY --no=1 a b", "COPY has no flag --no."),
        ("ENV A", "ENV A has no value."),
        ('ENV A="b c" D', "ENV has D, which is not NAME=VALUE."),
        ('ENV A="b c" D=e\\ f', ""),
        ("ENV =1", "ENV has a value without a name."),
        ("LABEL", "LABEL takes NAME=VALUE, and has nothing."),
        ("ARG", "ARG takes a name, and has nothing."),
        ("ARG =1", "ARG has a value without a name."),
        ("SHELL /bin/sh", "SHELL takes a JSON list of words."),
        ("HEALTHCHECK NONE x", "HEALTHCHECK NONE takes no argument."),
        ("HEALTHCHECK CMD", "HEALTHCHECK CMD takes a command, and has none."),
        ("HEALTHCHECK x", "HEALTHCHECK takes NONE, or CMD and a command."),
        ("ONBUILD", "ONBUILD takes an instruction, and has none."),
        ("ONBUILD FROM a", "ONBUILD takes no FROM."),
        ("RUN", "RUN takes an argument, and has none."),
        ("FROM a AS 1x", "1x cannot be a stage's name."),
    ],
)
def test_arguments_that_do_not_fit(line: str, words: str) -> None:
    faults = parse(f"FROM a\n{line}\n".encode()).faults
    assert [fault.statement for fault in faults] == ([words] if words else [])
    assert [fault.certain for fault in faults] == [line not in ("RUN", "COPY --no=1 a b")][
        : len(faults)
    ]

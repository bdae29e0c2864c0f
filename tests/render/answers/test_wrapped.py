"""Text is broken between words, and commands so that they can be pasted."""

from __future__ import annotations

import io
import re
import shlex

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType
from rich.text import Text

from jotgraph.render.answers.wrapped import Command, Wrapped

LONG = "123456789012.dkr.ecr.us-east-1.amazonaws.com/media/thumbs:rescued-c6eb05f992e5"


def drawn(what: RenderableType, width: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(what, soft_wrap=True)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_a_text_goes_on_below_itself() -> None:
    text = Text(f"DRIFT  tag moved to {LONG}. Next: jotgraph why thumbs")
    assert drawn(Wrapped(text, 4), 40) == [
        "DRIFT  tag moved to",
        f"    {LONG}.",
        "    Next: jotgraph why thumbs",
    ]
    assert drawn(Wrapped(text, 4), 200) == [text.plain]
    assert drawn(Wrapped(Text()), 40) == [""]


def test_colour_stays_with_its_words() -> None:
    text = Text("one two three four five six").append(" seven", "bold red")
    *_, last = (
        line for line in Wrapped(text).__rich_console__(Console(), Console(width=20).options)
    )
    assert (last.plain, [span.style for span in last.spans]) == ("five six seven", ["bold red"])


@given(
    words=st.lists(st.text("abc-./:@", min_size=1, max_size=60), min_size=1, max_size=30),
    width=st.integers(20, 120),
    hang=st.integers(0, 12),
)
def test_no_word_is_broken(words: list[str], width: int, hang: int) -> None:
    lines = drawn(Wrapped(Text(" ".join(words)), hang), width)
    assert " ".join(lines).split() == words
    assert [
        line for line in lines if len(line) > max(width, 20 + hang) and " " in line.strip()
    ] == []


COMMAND = f"docker tag {'a' * 64} {LONG} && docker push {LONG} --label 'two words'"


def test_a_command_that_fits_is_one_line() -> None:
    assert drawn(Command("jotgraph rescue"), 80) == ["    jotgraph rescue"]


def test_a_command_can_be_pasted() -> None:
    for width in (40, 80, 100, 200):
        lines = drawn(Command(COMMAND), width)
        assert all(line.endswith(" \\") for line in lines[:-1])
        pasted = re.sub(r"\\\n", "", "\n".join(lines))
        assert shlex.split(pasted) == shlex.split(COMMAND)

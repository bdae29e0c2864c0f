"""Values, not sentences: nothing is decided by a text that people read, and none is taken apart."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.prose import decisions, is_prose, literals

PACKAGE = Path(__file__).parents[1] / "jotgraph"


class Exempt(NamedTuple):
    """One such place that has to be, and why."""

    path: str
    holds: str
    """A part of its code or of its texts."""
    why: str


LAMBDA = "Lambda answers by one code for several reasons: only its message tells them apart"
GIT = "git ends with 128 whatever is wrong: only its message tells (usage.c, setup.c)"
BUILDER = "what builders of images print has no other form"
ARROW = "pyarrow and DuckDB raise one exception with the answer of S3 in its text"
FORMAT = "the syntax of a file or of a protocol, which has words in it"
OLDER = "the border: what older files say in words alone is read into a value once"
RUNTIME = "a runtime tells by its text alone that its time is over"
SHOWN = "texts of AWS name the one resource: those that differ in it alone share a line"

EXEMPT = (
    Exempt("errors.py", "'exist' in self.message", LAMBDA),
    Exempt("errors.py", "cannot be assumed by Lambda", LAMBDA),
    Exempt("apply/undo/triggers.py", "with UUID ", "CreateEventSourceMapping names what is there"),
    Exempt("apply/undo/triggers.py", "_UUID.search", "the same"),
    Exempt("cli/man.py", "Example: ", "click has no field for the examples of a command"),
    Exempt("cli/not_read.py", "gap.resource", SHOWN),
    Exempt("content/unread.py", "DIGEST.sub", SHOWN),
    Exempt("content/history/dockerfile.py", "COPY ", FORMAT),
    Exempt("content/image/originals.py", "sourceMappingURL", FORMAT),
    Exempt("content/match/held_files.py", "SOURCES", "a folder that no image can have"),
    Exempt("content/revisions/facts.py", "ref: ", FORMAT),
    Exempt("deploy/build/events.py", "Step ", BUILDER),
    Exempt("deploy/build/events.py", "Using cache", BUILDER),
    Exempt("deploy/build/events.py", "resolve image config ", BUILDER),
    Exempt("deploy/build/events.py", "no space left on device", BUILDER),
    Exempt("deploy/testing/deployed.py", "_TIMED_OUT", RUNTIME),
    Exempt("deploy/testing/functions.py", "_TIMED_OUT", RUNTIME),
    Exempt("deploy/testing/report_line.py", "REPORT RequestId: ", FORMAT),
    Exempt("deploy/testing/report_line.py", ": ", FORMAT),
    Exempt("deploy/validation/handler.py", "_CERTAIN", "CPython's SyntaxError has no codes"),
    Exempt("render/answers/short_ids.py", "workload elsewhere/", "a cell cuts what all ids share"),
    Exempt("render/html/__init__.py", "export ", FORMAT),
    Exempt("render/picture/drawing/filter.py", "state.word in wanted", "what the user typed"),
    Exempt("scale/dataset/refusals.py", "AWS Error", ARROW),
    Exempt("scale/dataset/refusals.py", "(Request ID", ARROW),
    Exempt("scale/dataset/refusals.py", "No response body.", ARROW),
    Exempt("scale/spark.py", "': '", "a Python exception crosses the JVM as the text of a trace"),
    Exempt("scale/sql.py", "reading the stream registered as", ARROW),
    Exempt("sources/documents/fulcio.py", "BEGIN CERTIFICATE", FORMAT),
    Exempt("sources/git/command.py", "not a git repository", GIT),
    Exempt("sources/git/command.py", "run in a work tree", GIT),
    Exempt("sources/git/command.py", "dubious ownership", GIT),
    Exempt("sources/git/command.py", "line.startswith", GIT),
    Exempt("sources/git/index_entries.py", "ctime: ", FORMAT),
    Exempt("store/journal_lines.py", "_FINAL_WORDS", OLDER),
    Exempt("store/older_gaps.py", "functions and versions", OLDER),
    Exempt("store/older_gaps.py", "_COUNTED.fullmatch", OLDER),
    Exempt("store/older_gaps.py", "amount.words == gap.detail", OLDER),
)


def test_nothing_is_decided_by_what_people_read() -> None:
    """Whoever finds an entry here carries a value from where the fact is known: a code, a gap, a
    member of a record. Only what another program says in words alone is exempt, with the reason."""
    undecided = set(EXEMPT)
    wrong = []
    for decision in decisions(PACKAGE):
        whole = f"{decision.code} {decision.texts}"
        allowed = {
            exempt for exempt in EXEMPT if exempt.path == decision.path and exempt.holds in whole
        }
        undecided -= allowed
        if not allowed:
            wrong.append(f"{decision.path}:{decision.line}: {decision.code} {decision.texts}")
    assert wrong == []
    assert undecided == set(), "these are gone: take them off the list"


_TAKEN_APART = re.compile(
    r"(?:\.(?:startsWith|endsWith|includes|indexOf|split|replace|replaceAll|match)\(|[!=]== )"
    r"(?P<quote>[\"'`])(?P<text>[^\"'`]*)(?P=quote)"
)


def scripts(text: str) -> list[str]:
    """What a script of the page decides by, as far as that is prose."""
    return [match["text"] for match in _TAKEN_APART.finditer(text) if is_prose(match["text"])]


def test_the_page_takes_no_text_apart() -> None:
    found = {
        path.name: prose
        for path in sorted((PACKAGE / "render" / "html").glob("*.js"))
        if (prose := scripts(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        ('if (each.startsWith("not read")) {', ["not read"]),
        ('word === "lag unknown"', ["lag unknown"]),
        ('name.split(" ")', []),
        ('gap.reason !== "left-out"', []),
        ('el("p", { text: "not read yet" })', []),
    ],
)
def test_a_script_is_read_as_it_is_written(text: str, prose: list[str]) -> None:
    assert scripts(text) == prose


def found_in(folder: Path, **modules: str) -> list[tuple[str, int]]:
    package = folder / "shop"
    package.mkdir()
    for name, text in modules.items():
        (package / f"{name}.py").write_text(text)
    return [(decision.code, decision.line) for decision in decisions(package)]


@pytest.mark.parametrize(
    "code",
    [
        "x == 'is gone'",
        "'is gone' in x",
        "x not in ('gone', 'not there')",
        "x.startswith('not read: ')",
        "x.removeprefix(' behind')",
        "x.split(': ')",
        "x.partition('; ')",
        "x.endswith(f'of {x} is gone')",
        "re.search(' images? of ', x)",
        "TABLE[x]",
        "TABLE.get(x)",
        "step.because == x",
        "step.because.startswith(x)",
        "gap.detail.replace(x, '')",
        "state.word.split('x')",
        "PATTERN.search(error.message)",
        "entry.words() in x",
        "gap_words(x) == x",
        "x.startswith(gap_words(x))",
        "'refused' in str(error)",
        "x == GONE",
        "x == words.GONE",
        "x.endswith(GONE)",
        "[y for y in ('not there', 'gone') if y in x]",
        "[z for y, z in TABLE.items() if y in x]",
    ],
)
def test_what_decides_by_a_sentence_is_found(tmp_path: Path, code: str) -> None:
    other = "GONE = 'which is gone'\n"
    text = (
        "import re\nfrom shop import words\nfrom shop.words import GONE\n"
        "TABLE = {'not there': 1}\n\n\ndef read(x):\n    return " + code + "\n"
    )
    assert [line for _, line in found_in(tmp_path, words=other, read=text)] == [8]


@pytest.mark.parametrize(
    "code",
    [
        "x == 'gone'",
        "x.split(' ')",
        "x.split(',')",
        "x.startswith('arn:aws:')",
        "x.replace('-', ' ')",
        "re.search('[a-z ]+', x)",
        "step.because or 'not there'",
        "step.because == ''",
        "step.because.split(' ')",
        "' ' not in node.title",
        "_word(x) in known",
        "TABLE['not there']",
        "x is GONE",
        "print(GONE, f'{x} is gone')",
        "Fault.GONE == x",
        "str(x) == x",
    ],
)
def test_codes_and_what_is_only_said_are_not(tmp_path: Path, code: str) -> None:
    text = (
        "import re\nGONE = 'which is gone'\nTABLE = {'not there': 1}\n\n\n"
        "def read(x):\n    return " + code + "\n"
    )
    assert found_in(tmp_path, read=text) == []


def test_a_match_and_a_local_name_are_looked_into(tmp_path: Path) -> None:
    text = """\
def read(x, known=()):
    told = "is gone"
    match x:
        case "not there":
            return known == x
    return x in told
"""
    assert [line for _, line in found_in(tmp_path, read=text)] == [4, 6]


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        (r"\d+ images? of (\S+)", [" image", "s", " of "]),
        ("[a b]+", []),
        ("(?P<a>is|is not) gone", ["is", " not", " gone"]),
        ("(", ["("]),
    ],
)
def test_the_words_of_a_pattern(pattern: str, texts: list[str]) -> None:
    assert literals(pattern) == texts

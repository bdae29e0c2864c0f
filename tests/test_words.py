"""The words that users read: phrases that were hard to read stay gone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.syntax import children, parsed

ROOT = Path(__file__).parents[1]
PACKAGE = sorted((ROOT / "jotgraph").rglob("*.py"))
PAGE = [
    path
    for path in sorted((ROOT / "jotgraph" / "render" / "html").glob("*"))
    if path.suffix in (".js", ".html")
]
DOCS = sorted(path for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")))

GONE = (
    "this much was not read and may exist",
    "as read on",
    "This deletes",
    "last four digits and the number",
    "not everything is done",
    "Read the world",
    "Hold the estate",
    "Say what contains",
    "Say what nothing uses",
    "Say what drifted",
    "Say what breaks",
    "Say what was added",
    "Set a doubt aside",
    "but the newest N",
    "What is in use too",
    "a fault of jotgraph itself",
    "less than an hour ago",
    "stands or falls with",
    "no identical copy in ECR",
    "a function counts as used",
    "if the push comes to",
    "what it comes to",
    "nothing that was read links",
    "nothing here is called",
    "this is no plan",
    "is no kind that is judged",
    "or it is no resource to delete",
    "say which:",
    "are equal in one commit",
    "only a part of its files was copied",
    "of them touch",
    "touches what is in the image",
    "no AWS place",
    "throttled to nothing",
    "does not come to rest",
    "in the standard class",
    "numbers are never given twice",
    "does not look so",
    "is there and not in the plan",
    "somebody else than",
    "list of jots",
    "Nothing is called that",
    "Keys of one character work",
    "go on typing",
    "; not scanned: ",
    "Needed, and not read",
    "it fails when Lambda loads it again",
    "is gone: it cannot start",
    "Lambda says it is",
    "and wakes it",
    "You know that these services",
    "what no copy can be kept of",
    "What stale calls so",
    "Hold on this machine what a run of another one marked",
    "Of which images in ECR to read",
    "by the marks that say how it was",
    "nothing can be undone from then",
    "Say in five lines",
    "is none of ours and",
    "that is no Kubernetes object",
    "is no image reference",
    "is no UTF-8 text",
    "is no key:",
    "uses it by now",
    "protects it by now",
    "may call it by now",
    "no time that has been",
    "Believe only evidence",
    "Nothing brings events back",
    "Without it a gate",
    "Let no check pass",
    "until all is: after",
    "until what was done shows",
    "Role to act by",
    "it goes, and with it",
    "asking the image the cases",
    "of which a commit is known",
    "no commit is known of what",
    "what ran before it runs still",
    "so their silence proves nothing",
    "no longer lets account",
    "is older than it was not read",
    "which image that was is not told",
    "whoever made it decides",
    "do not say how it was before",
    "larger than this side allows",
    "is of one namespace",
    "holds not what it counts",
    "is no requirement",
    "is no name of a",
    "said no reason",
    "cannot be told by",
    "what its decorators make",
    "has not learned of the role",
    "not tell of",
    "stands alone",
    "was looked at by undo",
    "is no file of jotgraph",
    "is needed: jotgraph",
    "is not a kind here",
    "believes in",
    "finishes that move",
    "lists those that are there",
    "for ECS rolled",
    "does not know the role yet",
    "does not take the module",
    "what is to run it",
    "name what goes back",
    "overwrites nothing",
    "runs no image whose commit",
    "the commit of what it runs",
    "If the digest is another",
    "push comes to",
    "so it is in use itself",
    "may run: that",
    "that one runs",
    "weighted by somebody",
    "scan it apart",
    "goes with all its tags",
    "trigger of a function that is gone",
    "runs it when it is started",
    "What was refused stays",
    "copy is not whole",
    "it still holds images",
    "handed down by",
    "stand or fall",
    "is for whoever looks",
    "plays a runner",
    "not as it was said",
    "nobody is told",
    "asks of every resource",
    "goes by the digest",
    "told as that",
    "lets the caller in",
    "holds the rooms",
    "history would drown them",
    "what was made and no more",
    "all that runs images",
    "ask more of the stored",
    "changes that are in none",
)
"""Phrases of messages and helps that a reader had to read twice, each replaced by a plain one."""


PREFIX = re.compile(r"""\b[fr]+(?=["'])""")
BETWEEN = str.maketrans(dict.fromkeys("\"'+(){}", " "))
"""What may stand between two words of a string in its module, however it is cut."""


def run_together(source: str) -> str:
    """The words of a module, without what may stand between two of a string."""
    return " ".join(PREFIX.sub(" ", source.replace(r"\n", " ")).translate(BETWEEN).split())


RUN_TOGETHER = tuple(map(run_together, GONE))


def strings(path: Path) -> Iterator[str]:
    """Every string of a module: messages, helps, docstrings; of an f-string its fixed parts, with
    ``{}`` for what is filled in."""
    nodes: list[Any] = [parsed(path.read_text(encoding="utf-8"))]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Constant):
            yield str(node.value)
        elif isinstance(node, ast.JoinedStr):
            fixed = [isinstance(part, ast.Constant) for part in node.values]
            pairs = [*zip(fixed, node.values, strict=True)]
            yield "".join(str(part.value) if same else "{}" for same, part in pairs)  # type: ignore[attr-defined]  # of a constant
            nodes += [part for same, part in pairs if not same]
        else:
            nodes += children(node)


def plain(text: str) -> str:
    """Text as it reads, whatever its line breaks."""
    return re.sub(r"\s+", " ", text)


def says(path: Path) -> bool:
    """Whether a module may say such a phrase: to read all others takes seconds."""
    words = run_together(path.read_text(encoding="utf-8"))
    return any(phrase in words for phrase in RUN_TOGETHER)


def everything() -> dict[Path, str]:
    """Everything that a user may read and that may hold such a phrase, by file."""
    code = {path: "\n".join(map(plain, strings(path))) for path in PACKAGE if says(path)}
    return code | {path: plain(path.read_text(encoding="utf-8")) for path in (*PAGE, *DOCS)}


def test_strings_are_found_with_what_is_filled_in(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('"""Purpose."""\nname = "x"\nprint(f"this {name} is " "gone", "by\\nnow")\n')
    assert sorted(map(plain, strings(module))) == ["Purpose.", "by now", "this {} is gone", "x"]


def test_a_phrase_is_found_however_its_string_is_cut(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    for code in (
        'print("this deletes; This deletes")',
        '"""Of that This\n    deletes more."""',
        'print("This "\n    f"deletes {x}")',
        'print("This " + (f"deletes"))',
        'print("This\\ndeletes")',
    ):
        module.write_text(code)
        assert says(module)
    module.write_text('print("This", deletes)')
    assert not says(module)


def test_a_phrase_that_was_replaced_does_not_come_back() -> None:
    back = {
        phrase: str(path.relative_to(ROOT))
        for path, text in everything().items()
        for phrase in GONE
        if phrase in text
    }
    assert back == {}

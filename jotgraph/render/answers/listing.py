"""Rules, one resource, evidence and counts -> rich tables and lists for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from jotgraph.analysis.lag import Standing
from jotgraph.analysis.provenance import Claim, Claims
from jotgraph.graph import ResourceGraph, record
from jotgraph.links import Evidence, Grade, Rule
from jotgraph.permissions import Need
from jotgraph.queries.answers.explain import ExplainedLink, Shown, Why
from jotgraph.queries.answers.jots import Jots, State
from jotgraph.records import Commit, Inventory, commit_id
from jotgraph.render.answers import json, tree
from jotgraph.render.answers.tables import STANDING_STYLE, function_words, short_sha

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.table import Table

TOUCHING = 10
"""Commits that touch one thing that are shown of each."""
GRADE_STYLE = {
    Grade.PROOF: "green",
    Grade.STRONG: "green",
    Grade.SUPPORT: "yellow",
    Grade.HINT: "dim",
}

_SAYS = {
    State.BROKEN: "the image it runs is gone, archived or unreadable: it fails when Lambda reloads",
    State.RESCUABLE: "a copy of its image is left, or may be: jotgraph rescue says how to save it",
    State.QUARANTINED: "a run set it aside: jotgraph release puts it back, sweep deletes it later",
    State.FAILED: "Lambda says that it failed",
    State.DRIFT: "its tag names another image now than the one it runs",
    State.CONFLICT: "strong claims about its commit disagree",
    State.ROLE_MISSING: "its role is gone",
    State.IMAGE_UNREAD: "its image is where nobody looked",
    State.IDLE: "it was not called for weeks",
}
_WRONG = (State.BROKEN, State.FAILED, State.DRIFT, State.CONFLICT, State.ROLE_MISSING)


def rules(listed: Iterable[Rule]) -> Table:
    """Relation, grade, name and first paragraph of each rule."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    return table(
        ("Relation", "Grade", "Rule", "What it says"),
        [
            (
                rule.relation.value,
                Text(rule.grade.name, GRADE_STYLE[rule.grade]),
                rule.name,
                " ".join(rule.doc.split("\n\n")[0].split()),
            )
            for rule in listed
        ],
    )


def permissions(needed: Iterable[Need]) -> Table:
    """Each action, on what, and what it is called for."""
    rows = [
        (each.action, each.resource, f"{each.because}{' (optional)' * each.spares}")
        for each in needed
    ]
    return table(("Action", "Resource", "What for"), rows)


def wrong(answer: Jots) -> Table:
    """A line for each thing that is wrong with a function, worst first."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    rows = [
        (
            Text(state.value, "bold red" if state in _WRONG else "yellow"),
            " ".join(filter(None, (function_words(jot), jot.region))),
            jot.commit.conflict if state is State.CONFLICT else _SAYS[state],
        )
        for state in _SAYS
        for jot in answer.jots
        if state in jot.states
    ]
    return table(("State", "Function", "Which means"), rows)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A plain table: bold headings, two blanks between columns, words wrapped."""
    from rich.table import Table  # noqa: PLC0415 -- rich is imported only to draw

    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in headings:
        made.add_column(heading, overflow="fold")
    for row in rows:
        made.add_row(*row)  # type: ignore[arg-type] # text or rich Text
    return made


def show(graph: ResourceGraph, answer: Shown) -> Group:
    """One resource: its fields, its commits, its links."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    parts: list[RenderableType] = [
        tree.label(graph, answer.node.id),
        Text(answer.node.id, "dim"),
        Text(),
        fields(answer),
    ]
    if answer.claims.records or isinstance(answer.node, Commit):
        stands = answer.standing
        line = Text("Stands: " if isinstance(answer.node, Commit) else "Commits: ", "bold")
        line.append(stands.words(), STANDING_STYLE[stands.state])
        parts += [Text(), line, *_touching(graph, stands), claims(answer.claims)]
    if answer.dependencies:
        parts += [Text(), Text("Depends on", "bold"), links(graph, answer.dependencies, "target")]
    if answer.dependents:
        parts += [Text(), Text("Depended on by", "bold")]
        parts.append(links(graph, answer.dependents, "source"))
    return Group(*parts)


def _touching(graph: ResourceGraph, stands: Standing) -> list[RenderableType]:
    """The commits since that touch what is in the image, or what it is built by."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    groups = [("in its files", stands.touches)]
    groups += [(each.path, each.commits) for each in stands.inputs]
    groups += [(f"{each.path}, perhaps built before", each.commits) for each in stands.perhaps]
    lines: list[RenderableType] = []
    for what, shas in groups:
        for sha in shas[:TOUCHING]:
            node = record(graph, commit_id(sha)) if commit_id(sha) in graph else None
            subject = node.subject if isinstance(node, Commit) else ""
            lines.append(Text(f"  {sha[:12]} {subject} ({what})", "dim"))
        if len(shas) > TOUCHING:
            lines.append(Text(f"  and {len(shas) - TOUCHING:,} more ({what})", "dim"))
    return lines


def fields(answer: Shown) -> Table:
    """The fields of a record that say something."""
    from rich.table import Table  # noqa: PLC0415 -- rich is imported only to draw

    made = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in json.resource(answer.node).items():
        if value not in (None, "", [], {}) and name not in ("id", "kind"):
            made.add_row(name.replace("_", " "), _words(value))
    return made


def links(graph: ResourceGraph, shown: Iterable[ExplainedLink], end: str) -> Table:
    """Relation, the other end, and the best evidence of each edge."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    return table(
        ("Relation", "Resource", "Grade", "Rule"),
        [
            (
                ", ".join(sorted({said.relation.value for said in each.evidence})),
                tree.label(graph, each.target if end == "target" else each.source),
                Text(each.evidence[0].grade.name, GRADE_STYLE[each.evidence[0].grade]),
                _rules(each.evidence),
            )
            for each in shown
        ],
    )


def _rules(said: Sequence[Evidence]) -> str:
    """The best rule of each relation, in the order in which relations are named."""
    best = {each.relation.value: each.rule for each in reversed(said)}
    return ", ".join(dict.fromkeys(rule for _, rule in sorted(best.items())))


def why(graph: ResourceGraph, answer: Why) -> Group:
    """Each edge with all its evidence, then what is believed of the commits."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    parts: list[RenderableType] = []
    for link in answer.links:
        for relation in sorted({each.relation for each in link.evidence}):
            line = tree.label(graph, link.source)
            line.append(f"  {relation.value}  ", "bold")
            parts.append(line.append_text(tree.label(graph, link.target)))
            parts.append(evidence(each for each in link.evidence if each.relation is relation))
    if answer.claims.records:
        parts += [Text(), Text("Commits", "bold"), claims(answer.claims)]
    return Group(*parts)


def evidence(said: Iterable[Evidence]) -> Table:
    """Grade, statement, rule and where it was read."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    made = _indented()
    for each in said:
        source = f", {each.read_from}" if each.read_from else ""
        line = Text(each.statement).append(f" ({each.rule}{source})", "dim")
        made.add_row("", Text(each.grade.name, GRADE_STYLE[each.grade]), line)
    return made


def claims(found: Claims) -> Table:
    """A conflict first, then each claim."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    made = _indented()
    for told in found.explanations:
        word, style = ("CONFLICT", "bold red") if told.conflict else ("NOTE", "yellow")
        kind = told.kind.value.replace("-", " ")
        made.add_row("", Text(word, style), Text(f"{kind}: {told.statement}", style))
    if len(found.records) > 1:
        made.add_row("", Text(found.verdict, "bold"), Text(believed(found)))
    for each in found.records:
        line = Text(f"{commit_range(each)}  {each.evidence.statement}")
        line.append(f" ({each.evidence.rule})", "dim")
        made.add_row("", Text(each.grade.name, GRADE_STYLE[each.grade]), line)
    return made


def believed(found: Claims) -> str:
    """What all claims together allow, in one line."""
    if not found.commits:
        return "no commit"
    text = short_sha(found.commits[0])
    if found.count > 1:
        oldest = short_sha(found.commits[-1])
        text = f"{oldest}..{text} ({found.count} commits, identical for what is in the image)"
    if found.content_count > found.count:
        text += f"; {found.content_count} commits have the same files"
    return text + (f"; {found.later} are later than the image and set aside" * bool(found.later))


def _indented() -> Table:
    """A grid whose second column holds grades, the third text that wraps under itself."""
    from rich.table import Table  # noqa: PLC0415 -- rich is imported only to draw

    made = Table.grid(padding=(0, 1, 0, 0))
    made.add_column(width=1)
    made.add_column(width=8, no_wrap=True)
    made.add_column(overflow="fold")
    return made


def commit_range(claim: Claim) -> str:
    """``1a2b3c4d5`` or ``1a2b3c4d5..6e7f8a9b0 (9 commits)``, oldest and newest."""
    if claim.count == 1:
        return short_sha(claim.commits[0])
    return f"{short_sha(claim.commits[-1])}..{short_sha(claim.commits[0])} ({claim.count} commits)"


def _words(value: json.Json) -> str:
    match value:
        case [str() | int() | float() as name, float() as share]:  # a version and its weight
            return f"{name}={share:g}"
        case list():
            return "\n".join(_words(each) for each in value)
        case dict():
            return "\n".join(f"{name}={_words(each)}" for name, each in value.items())
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


def counts(inventory: Inventory) -> Table:
    """How many resources of each kind were read, and of how many kinds some were not."""
    hidden = {kind for gap in inventory.gaps for kind in gap.hides}
    return table(
        ("Kind", "Read", ""),
        [
            (tree.KIND_WORDS[kind], str(number), "and maybe more" if kind in hidden else "")
            for kind, number in json.count_kinds(inventory).items()
        ],
    )

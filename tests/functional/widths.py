"""What commands print in terminals of 80, 100, 120 and 200 columns, kept in ``expected/widths``.

``python -m tests.functional.widths`` writes them anew after a change that is meant: read them
before you commit them.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import cycle
from pathlib import Path
from random import Random
from types import MappingProxyType
from unittest import mock

import msgspec
from click.testing import CliRunner
from rich.console import Console, RenderableType

from jotgraph import store
from jotgraph.analysis.health.names import titled
from jotgraph.cli import cli, plan
from jotgraph.graph import ResourceGraph, about, build, of_kind
from jotgraph.plan.held import HeldResource, HeldState, QuarantineReport
from jotgraph.plan.model import Action
from jotgraph.plan.outcome import Outcome, Receipt, Status
from jotgraph.records import Inventory, Kind, ResourceId
from jotgraph.render.answers import outcomes, quarantine
from tests.functional import plain_tables
from tests.functional.long_names import long_names
from tests.render.goldens import DEMO

EXPECTED = Path(__file__).parent / "expected" / "widths"
WIDTHS = (80, 100, 120, 200)
ESTATES: Mapping[str, Callable[[], Inventory]] = MappingProxyType(
    {"demo": lambda: store.load(DEMO), "long_names": long_names}
)
COMMANDS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "demo": {
            "ls": ("ls", "--all"),
            "ls_dates": ("ls", "--where", "local", "--dates"),
            "ls_source": ("ls", "--repository", "payments/*", "--source"),
            "orphans": ("orphans",),
            "orphans_unknown": ("orphans", "--unknown"),
            "stale": ("stale",),
            "where": ("where", "main"),
            "impact": ("impact", "payments/refunds:1.2.0"),
            "diff": ("diff", "before.jsonl", "ESTATE"),
            "show": ("show", "refunds:prod"),
            "trace": ("trace", "refunds"),
            "why": ("why", "refunds:prod", "service/refunds"),
            "rescue": ("rescue",),
            "plan": ("plan", "cleanup"),
            "check": ("check", "--policy", "policy.toml"),
            "plan_quarantine": ("plan", "delete", "search-arm", "--quarantine"),
        },
        "long_names": {
            "ls": ("ls",),
            "orphans": ("orphans", "--unknown"),
            "stale": ("stale", "--all"),
            "where": ("where", "main"),
            "plan": ("plan", "cleanup"),
        },
    }
)


def _swept(graph: ResourceGraph) -> RenderableType:
    """What ``sweep`` lists of the images and functions of an estate."""
    states = (HeldState.UNSEEN, HeldState.TOUCHED, HeldState.QUIET)
    because = ("nothing asked for it", "invocations was 0, is 4", "no call was throttled")
    held = tuple(
        HeldResource(
            id=resource,
            run=f"3f9c2ab17e{number % 3}4",
            since=about(graph).taken_at - timedelta(days=20 - number),
            state=states[number % 3],
            because=because[number % 3],
        )
        for number, resource in enumerate(_some(graph))
    )
    report = QuarantineReport(held=held, elsewhere=())
    return quarantine.as_table(report, named=partial(titled, graph))


def _receipt(graph: ResourceGraph) -> RenderableType:
    """How the steps of a run ended."""
    ended = tuple(
        Outcome(id=resource, action=Action.DELETE_IMAGE, status=status, because=because)
        for resource, (status, because) in zip(
            _some(graph),
            cycle(
                (
                    (Status.DONE, "deleted, and looked at"),
                    (Status.REFUSED, "its tag was moved since the plan was made: make a new plan"),
                    (Status.SKIPPED, "a step that has to come first is not done"),
                )
            ),
            strict=False,
        )
    )
    receipt = Receipt(run="3f9c2ab17e04", plan="", journal="journal.jsonl", outcomes=ended)
    return outcomes.as_table(receipt, named=partial(titled, graph))


def _some(graph: ResourceGraph) -> list[ResourceId]:
    kinds = (Kind.TRIGGER, Kind.FUNCTION, Kind.ECR_IMAGE, Kind.ROLE, Kind.LOCAL_IMAGE)
    return [resource for kind in kinds for resource in of_kind(graph, kind)[:2]]


DRAWN: Mapping[str, Callable[[ResourceGraph], RenderableType]] = MappingProxyType(
    {"sweep": _swept, "apply": _receipt}
)
"""Answers of commands that only a run gives, by the writer that the command has."""
PLAIN: Mapping[str, Callable[[Inventory], RenderableType]] = plain_tables.TABLES
"""Answers of commands that read something else than an inventory, or one as it is scanned."""
CASES = tuple(
    (estate, name) for estate, commands in COMMANDS.items() for name in (*commands, *DRAWN, *PLAIN)
)


def text(folder: Path, estate: str, name: str, widths: Sequence[int] = WIDTHS) -> str:
    """What a command prints on an estate that is stored in a folder, in each width."""
    parts = []
    for width in widths:
        if name in (*DRAWN, *PLAIN):
            parts.append(f"$ COLUMNS={width} jotgraph {name}\n{drawn(folder, estate, name, width)}")
            continue
        arguments = COMMANDS[estate][name]
        printed = run(folder, estate, arguments, width)
        parts.append(f"$ COLUMNS={width} jotgraph {' '.join(arguments)}\n{printed}")
    return "\n".join(parts)


def run(folder: Path, estate: str, arguments: tuple[str, ...], width: int) -> str:
    """What a command prints to stdout in a terminal of a width."""
    stored = str(folder / f"{estate}.jsonl")
    asked = [stored if word == "ESTATE" else word for word in arguments]
    files = (".jsonl", ".toml")
    asked = [str(folder / word) if word.endswith(files) else word for word in asked]
    source = [] if arguments[0] == "diff" else ["--from", stored]
    with _terminal(width, _loaded(stored).taken_at + timedelta(minutes=10)):
        result = CliRunner().invoke(cli, [*asked, *source], prog_name="jotgraph")
    assert result.exit_code == (1 if arguments[0] == "check" else 0), result.output
    return result.stdout


def drawn(folder: Path, estate: str, name: str, width: int) -> str:
    """What a writer draws in a terminal of a width."""
    whole = _loaded(str(folder / f"{estate}.jsonl"))
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, emoji=False, markup=False)
    table = PLAIN[name](whole) if name in PLAIN else DRAWN[name](build(whole))
    console.print(table, soft_wrap=True)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


@cache
def _loaded(stored: str) -> Inventory:
    return store.load(stored)


def keep(folder: Path, seed: int | None = None) -> None:
    """Store the estates in a folder, their records in the order of a seed."""
    for name, make in ESTATES.items():
        whole = make()
        store.save(
            whole if seed is None else shuffled(whole, Random(seed)), folder / f"{name}.jsonl"
        )
    store.save(before(store.load(DEMO)), folder / "before.jsonl")
    (folder / "policy.toml").write_text("no_drift = ['*']\nmax_lag = 3\nmax_orphans = 5\n")


def shuffled(whole: Inventory, rng: Random) -> Inventory:
    """The same inventory with its records in another order."""
    parts = {
        name: tuple(rng.sample(value, len(value)))
        for name in whole.__struct_fields__
        if isinstance(value := getattr(whole, name), tuple) and name != "gaps"
    }
    return msgspec.structs.replace(whole, **parts)


def before(whole: Inventory) -> Inventory:
    """The demo a day earlier: without one function, an alias on an older version, a moved tag."""
    aliases = tuple(
        msgspec.structs.replace(alias, version="2", weights=()) if alias.name == "prod" else alias
        for alias in whole.aliases
    )
    functions = tuple(
        msgspec.structs.replace(function, concurrency=5)
        if function.name == "checkout"
        else function
        for function in whole.functions
        if function.name != "search-arm"
    )
    images = tuple(
        msgspec.structs.replace(image, tags=(*image.tags, "canary"))
        if "1.2.0" in image.tags
        else image
        for image in whole.ecr_images
    )
    earlier = whole.taken_at - timedelta(days=1)
    return msgspec.structs.replace(
        whole, taken_at=earlier, aliases=aliases, functions=functions, ecr_images=images
    )


@contextmanager
def _terminal(width: int, now: datetime) -> Iterator[None]:
    """A terminal of a width, ten minutes after the scan."""
    with (
        mock.patch.dict(os.environ, COLUMNS=str(width)),
        mock.patch.object(plan, "now", return_value=now),
    ):
        yield


def path(estate: str, name: str) -> Path:
    return EXPECTED / f"{estate}_{name}.txt"


def main() -> None:
    EXPECTED.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        keep(Path(folder))
        for estate, name in CASES:
            path(estate, name).write_text(text(Path(folder), estate, name), encoding="utf-8")


if __name__ == "__main__":
    main()

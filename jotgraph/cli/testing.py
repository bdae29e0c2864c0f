"""The commands ``jotgraph test`` and ``jotgraph invoke``, which compare answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from jotgraph.cli.acting import Acting, acting
from jotgraph.cli.declared import declared, options_of
from jotgraph.cli.options import Output, debug, output
from jotgraph.cli.saying import say

if TYPE_CHECKING:
    from jotgraph.deploy.testing import RunOptions
    from jotgraph.deploy.testing.cases import Case
    from jotgraph.queries.answers.testing import CaseResult, TestReport

_LONGEST = 910.0
"""Seconds to wait for an answer: a function runs 15 minutes at most."""


class CaseFiles(NamedTuple):
    """The files of the cases."""

    events: tuple[Path, ...] = ()
    expects: tuple[Path, ...] = ()
    folder: Path | None = None
    match: str = "exact"

    def read(self, *, any_answer: bool) -> tuple[Case, ...]:
        """Read the cases. Raises OptionError for an invalid one."""
        from jotgraph.deploy.testing.cases import read_cases  # noqa: PLC0415 -- msgspec

        return read_cases(
            self.events, self.expects, self.folder, match=self.match, any_answer=any_answer
        )


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
CASES = (
    declared(
        "--event", "events", multiple=True, type=_FILE, metavar="FILE", help="JSON; repeatable."
    ),
    declared(
        "--expect",
        "expects",
        multiple=True,
        type=_FILE,
        metavar="FILE",
        help="JSON file with the expected answer to the event at the same position; repeatable.",
    ),
    declared(
        "--cases",
        "folder",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        metavar="FOLDER",
        help="Folder of NAME.event.json and NAME.expect.json.",
    ),
    declared(
        "--match",
        type=click.Choice(("exact", "subset", "path")),
        default="exact",
        show_default=True,
        help="How to compare an expectation that does not say so itself.",
    ),
)
"""The options for cases, as fields of ``CaseFiles``."""
TEST = (
    declared(
        "--env-file",
        "env_files",
        multiple=True,
        type=_FILE,
        metavar="FILE",
        help="File with variables of the container, one NAME=VALUE per line; repeatable.",
        in_up={
            "names": ("--test-env-file",),
            "help": "File with variables of the container that is tested, one NAME=VALUE per "
            "line; repeatable.",
        },
    ),
    declared(
        "--timeout",
        type=click.FloatRange(min=0.1, max=900),
        default=30.0,
        show_default=True,
        metavar="S",
        help="Seconds for each event.",
        in_up={
            "names": ("--test-timeout",),
            "help": "Seconds for each event, of the container that is tested.",
        },
    ),
    declared(
        "--network/--no-network",
        default=True,
        help="Whether the container may reach anything but this machine.",
        in_up={
            "names": ("--test-network/--no-test-network",),
            "help": "Whether the container that is tested may reach anything but this machine.",
        },
    ),
)
"""Further options of a test, for its command and ``up``."""
INVOKE = (
    declared(
        "--keep/--no-keep",
        default=True,
        help="Keep the result as evidence for the image.",
        left_out="what up asks is the evidence that its image was tested",
    ),
)
"""Further options of an invocation."""


def test_options(values: Mapping[str, Any]) -> RunOptions:
    """Return how an image is run, as typed. Raises OptionError."""
    from jotgraph.deploy.testing import RunOptions  # noqa: PLC0415 -- msgspec
    from jotgraph.deploy.testing.environment import read_environment  # noqa: PLC0415 -- as above

    return RunOptions(
        timeout=values["timeout"],
        environment=read_environment(values["env_files"]),
        network=values["network"],
    )


@click.command(
    epilog="Example: jotgraph test checkout:dev --event order.json --expect receipt.json"
)
@click.argument("image", metavar="IMAGE")
@options_of("asking", CASES)
@options_of("running", TEST)
@output("test")
@debug
def test(
    image: str,
    asking: Mapping[str, Any],
    running: Mapping[str, Any],
    output: Output,
) -> None:
    """Run an image with events, and compare what it answers.

    The Docker engine starts IMAGE (a name or id that it knows) in a container, which is always
    removed. The container gets each event as Lambda would send it: through AWS's emulator if the
    image contains it, else through Lambda's runtime API. An answer is compared as a whole, or as
    the expectation says: {"$subset": ...}, {"$path": {"JMESPATH": VALUE}}, {"$error": "TYPE"}. The
    result is kept as evidence for this image, by its digest. Needs no AWS.

    Exit codes: 0 every case passed, 1 a case failed, 2 no such image or case, 4 failed.
    """
    from datetime import UTC, datetime  # noqa: PLC0415 -- what only a run needs

    from jotgraph.cli.lazy import CommandError  # noqa: PLC0415 -- as above
    from jotgraph.clients.engine import (  # noqa: PLC0415 -- docker takes 0.2 s
        NoEngine,
        connect_docker,
    )
    from jotgraph.deploy.testing import keep, run_cases  # noqa: PLC0415 -- as above

    whole = CaseFiles(**asking).read(any_answer=False)
    options = test_options(running)
    engine = connect_docker()
    if isinstance(engine, NoEngine):
        raise CommandError(engine.why)
    report = run_cases(
        engine,
        image,
        whole,
        options,
        now=datetime.now(UTC),
        tell=_tell,
    )
    _leave(keep(report, whole), output)


@click.command(epilog="Example: jotgraph invoke checkout --event order.json --expect receipt.json")
@click.argument("function", metavar="FUNCTION[:QUALIFIER]")
@options_of("asking", CASES)
@options_of("keeping", INVOKE)
@acting
@output("test")
@debug
def invoke(
    function: str,
    asking: Mapping[str, Any],
    keeping: Mapping[str, Any],
    acting: Acting,
    output: Output,
) -> None:
    """Invoke a function that is deployed, and compare what it answers.

    This runs the function, with all its side effects. FUNCTION is a name, an ARN or an id,
    QUALIFIER a version or an alias. Each answer is shown with the version and image that gave it,
    what was billed, how long a cold start took and, for a failure, the end of the log. The result
    is kept as evidence for the image that answered, by its digest.

    Exit codes: 0 every case passed, 1 a case failed, 2 no such function or case, 4 failed.
    """
    from datetime import UTC, datetime  # noqa: PLC0415 -- what only a run needs

    from jotgraph.deploy import testing  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.deploy.run import place_of_run  # noqa: PLC0415 -- as above
    from jotgraph.records.references import arn_of  # noqa: PLC0415 -- msgspec
    from jotgraph.sources.connections import connected  # noqa: PLC0415 -- as above

    whole = CaseFiles(**asking).read(any_answer=True)
    named = arn_of(function)
    regions = (named.region,) if named else acting.regions
    reached = acting._replace(regions=regions).connect(attempts=1, read_timeout=_LONGEST)
    with connected(reached) as connections:
        account, region = place_of_run(connections)
        target = testing.function_named(function, account, region)
        say(
            f"invoking {target}, {len(whole)} times" if len(whole) > 1 else f"invoking {target}",
        )
        now = datetime.now(UTC)
        report = testing.invoke_cases(connections, target, whole, now=now, tell=_tell)
        if keeping["keep"]:
            report = testing.keep(report, whole, by=connections.client(target).caller)
    _leave(report, output)


def _tell(result: CaseResult) -> None:
    say(f"{result.status}: {result.name} ({result.seconds:.3f} s)")


def _leave(report: TestReport, output: Output) -> None:
    """Write the answer and the log of failures, and exit with 1 unless every case passed."""
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs
    from jotgraph.render.answers.testing import log_lines, note, writers  # noqa: PLC0415 -- as above
    from jotgraph.render.words import clean  # noqa: PLC0415 -- as above

    answer.write(report, output, writers())
    for line in log_lines(report):
        say(clean(line, len(line)))
    say(note(report))
    if not report.passed:
        raise click.exceptions.Exit(answer.FOUND)

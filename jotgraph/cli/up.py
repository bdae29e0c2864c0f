"""The command ``jotgraph up``, from a folder to a function that answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jotgraph.cli.acting import Acting, acting
from jotgraph.cli.apply_options import auditing
from jotgraph.cli.build import BUILD, build_options
from jotgraph.cli.declared import Sectioned, declared, options_of
from jotgraph.cli.deploy import DEPLOY, deploy_options
from jotgraph.cli.lazy import FAILED, CommandError
from jotgraph.cli.making import patience
from jotgraph.cli.options import Output, debug, output
from jotgraph.cli.push import PUSH, push_options
from jotgraph.cli.saying import say
from jotgraph.cli.testing import CASES, TEST, CaseFiles, test_options

if TYPE_CHECKING:
    from jotgraph.clients import Clients
    from jotgraph.deploy.up import UpOptions
    from jotgraph.store.audit import Auditing


SKIP = (
    declared("--skip-test", is_flag=True, help="Push without running the cases against the image."),
    declared("--skip-invoke", is_flag=True, help="Do not run the cases against the function."),
)


@click.command(
    cls=Sectioned,
    epilog="Example: jotgraph up services/checkout:app.handler --function checkout --alias live",
)
@click.argument("target", metavar="PATH[:MODULE.FUNCTION]")
@options_of("building", BUILD, section="Build")
@options_of("asking", CASES, section="Test and invoke")
@options_of("testing", TEST, section="Test and invoke")
@options_of("skipping", SKIP, section="Test and invoke")
@options_of("pushing", PUSH, section="Push")
@options_of("deploying", DEPLOY, section="Deploy")
@click.option("--dry-run", is_flag=True, help="Only say what would be created and changed.")
@patience
@acting
@auditing
@output("up")
@debug
def up(
    target: str,
    dry_run: bool,
    patience: float,
    acting: Acting,
    auditing: Auditing,
    output: Output,
    **asked: Any,
) -> None:
    """Validate, build, test, push and deploy a folder, and invoke the function.

    All of this is one run, which jotgraph undo takes back. What exists already is not created
    again; after a failure, the same command continues. A role or repository is created where none
    is named or none exists. The result is read back and drawn as jotgraph trace does. --format sh
    prints the docker and aws commands and, like --dry-run, changes nothing.

    Exit codes: 0 done, 1 validate found something wrong, or a case failed, 2 usage, 4 failed.
    """
    from jotgraph import deploy  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs
    from jotgraph.deploy.build import InvalidFolderError  # noqa: PLC0415 -- as above
    from jotgraph.deploy.up.preview import preview  # noqa: PLC0415 -- as above
    from jotgraph.queries.answers.up import Result  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.up import plan_writers  # noqa: PLC0415 -- as above

    root, handler = deploy.split_target(target)
    function, options = asked["deploying"]["function"], up_options(asked)
    dry_run = dry_run or output.format == "sh"
    reached = acting.connect(use_docker=not dry_run)
    try:
        if not dry_run:
            _make(root, handler, function, reached, options, output, auditing, patience)
            return
        plan = preview(root, handler, function, reached, options)
    except InvalidFolderError as error:
        raise CommandError(str(error), answer.FOUND) from error
    answer.write(plan, output, plan_writers())
    if refused := next((done for done in plan.stages if done.result is Result.REFUSED), None):
        raise CommandError(f"{refused.stage} would be refused: {refused.statement}", FAILED)


def _make(
    root: Path,
    handler: str,
    function: str,
    reached: Clients,
    options: UpOptions,
    output: Output,
    auditing: Auditing,
    patience: float,
) -> None:
    """Run it, and write the result."""
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs
    from jotgraph.deploy.up import CasesFailedError, up  # noqa: PLC0415 -- as above
    from jotgraph.deploy.up.workshop import EngineWorkshop  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.testing import writers as test_writers  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.up import writers  # noqa: PLC0415 -- as above

    try:
        made, graph = up(
            root,
            handler,
            function,
            reached,
            EngineWorkshop(reached),
            options,
            patience=patience,
            auditing=auditing,
            tell=say,
        )
    except CasesFailedError as error:
        answer.draw(test_writers()["table"](error.report), output.color, err=True)
        raise CommandError(str(error), answer.FOUND) from error
    answer.write(made, output, writers(graph))
    say(f"run {made.run}: jotgraph undo {made.run} takes it back")


def up_options(asked: Mapping[str, Any]) -> UpOptions:
    """Return the options of the stages. Raises OptionError."""
    from jotgraph.deploy.up import UpOptions  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.queries.answers.up import Stage  # noqa: PLC0415 -- as above

    files = CaseFiles(**asked["asking"])
    named = files.events or files.expects or files.folder
    skipped = {
        Stage.TEST: asked["skipping"]["skip_test"],
        Stage.INVOKE: asked["skipping"]["skip_invoke"],
    }
    return UpOptions(
        build=build_options(asked["building"]),
        test=test_options(asked["testing"]),
        push=push_options(asked["pushing"]),
        deploy=deploy_options(asked["deploying"]),
        repository=asked["pushing"]["repository"],
        cases=files.read(any_answer=False) if named else (),
        skip=frozenset(stage for stage, skip in skipped.items() if skip),
    )

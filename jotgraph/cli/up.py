"""The command ``jotgraph up``, from a folder to a function that answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from jotgraph.cli.apply_options import auditing
from jotgraph.cli.build import pairs
from jotgraph.cli.lazy import FAILED, Failure
from jotgraph.cli.making import connected, patience
from jotgraph.cli.options import Output, debug, output, profiles_option, regions_option
from jotgraph.cli.testing import CaseFiles, cases

if TYPE_CHECKING:
    from jotgraph.clients import Clients
    from jotgraph.deploy.up import UpOptions
    from jotgraph.store.audit import Auditing

F = TypeVar("F", bound=Callable[..., Any])

_BUILDING = (
    click.option(
        "--dockerfile",
        metavar="FILE",
        default="",
        help="Dockerfile, from PATH on.  [default: Dockerfile, or a generated one]",
    ),
    click.option("--base", metavar="IMAGE", default="", help="Of a generated one: aws or slim."),
    click.option(
        "--build-arg",
        "arguments",
        multiple=True,
        metavar="NAME=VALUE",
        callback=pairs,
        help="Value of an ARG; repeatable.",
    ),
    click.option(
        "--label",
        "labels",
        multiple=True,
        metavar="NAME=VALUE",
        callback=pairs,
        help="Another label; repeatable.",
    ),
    click.option(
        "--platform",
        type=click.Choice(("linux/amd64", "linux/arm64")),
        default="linux/amd64",
        show_default=True,
        help="What the image is built for.",
    ),
    click.option(
        "--allow-dirty", is_flag=True, help="Build changes that are in no commit; labels say so."
    ),
)
_PUSHING = (
    click.option(
        "--repository", metavar="NAME", default="", help="In ECR.  [default: the function's name]"
    ),
    click.option("--tag", metavar="TAG", default="", help="[default: digits of the commit]"),
    click.option("--immutable", is_flag=True, help="Of a new repository: tags do not move."),
    click.option("--scan-on-push", is_flag=True, help="Of a new repository: ECR scans images."),
)
_DEPLOYING = (
    click.option(
        "--role", metavar="ARN", default="", help="Or its name.  [default: one of its own]"
    ),
    click.option("--alias", metavar="NAME", default="", help="Alias to move to the new version."),
    click.option(
        "--weight",
        type=click.FloatRange(0, 1, min_open=True, max_open=True),
        help="Only so much of the alias' calls.",
    ),
    click.option("--memory", type=int, metavar="MB", help="Memory of the function."),
    click.option("--timeout", type=int, metavar="S", help="Seconds that a call may take."),
)


def _all(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Decorate with options in the order in which they are listed."""

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@click.command(
    epilog="Example: jotgraph up services/checkout:app.handler --function checkout --alias live"
)
@click.argument("target", metavar="PATH[:MODULE.FUNCTION]")
@click.option("--function", "function", required=True, metavar="NAME", help="Lambda function.")
@_all(*_BUILDING)
@cases
@click.option("--skip-test", is_flag=True, help="Push without asking the image the cases.")
@click.option("--skip-invoke", is_flag=True, help="Do not ask the function the cases.")
@_all(*_PUSHING)
@_all(*_DEPLOYING)
@click.option("--dry-run", is_flag=True, help="Only say what would be created and changed.")
@patience
@profiles_option
@regions_option
@auditing
@output("up")
@debug
def up(
    target: str,
    function: str,
    files: CaseFiles,
    dry_run: bool,
    patience: float,
    profiles: tuple[str, ...],
    regions: tuple[str, ...],
    auditing: Auditing,
    output: Output,
    **asked: Any,
) -> None:
    """Validate, build, test, push and deploy a folder, and invoke the function.

    One run makes all of it: undo takes it back. What is there already is not made again, and after
    a failure the same command goes on. A role, and a repository, are made where none is named or
    there. The lineage that was made is read back and drawn as trace does. --format sh prints the
    docker and aws commands and, like --dry-run, does nothing.

    Exit codes: 0 done, 1 validate calls something wrong, or a case failed, 2 usage, 4 failed.
    """
    from jotgraph import deploy  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs
    from jotgraph.deploy.build import InvalidFolderError  # noqa: PLC0415 -- as above
    from jotgraph.deploy.up.preview import preview  # noqa: PLC0415 -- as above
    from jotgraph.queries.answers.up import Result  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.up import plan_writers  # noqa: PLC0415 -- as above

    root, handler = deploy.split_target(target)
    options = _options(files, asked)
    dry_run = dry_run or output.format == "sh"
    reached = connected(profiles, regions, use_docker=not dry_run)
    try:
        if not dry_run:
            _make(root, handler, function, reached, options, output, auditing, patience)
            return
        plan = preview(root, handler, function, reached, options)
    except InvalidFolderError as error:
        raise Failure(str(error), answer.FOUND) from error
    answer.write(plan, output, plan_writers())
    if refused := next((done for done in plan.stages if done.result is Result.REFUSED), None):
        raise Failure(f"{refused.stage} would be refused: {refused.statement}", FAILED)


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
    """Do it, and write what came of it."""
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
            tell=lambda words: click.echo(words, err=True),
        )
    except CasesFailedError as error:
        answer.draw(test_writers()["table"](error.report), output.color, err=True)
        raise Failure(str(error), answer.FOUND) from error
    answer.write(made, output, writers(graph))
    click.echo(f"run {made.run}: jotgraph undo {made.run} takes it back", err=True)


def _options(files: CaseFiles, asked: dict[str, Any]) -> UpOptions:
    """The options of the stages. Raises OptionError."""
    from jotgraph.deploy.build import BuildOptions  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.deploy.push import PushOptions  # noqa: PLC0415 -- as above
    from jotgraph.deploy.rollout import DeployOptions  # noqa: PLC0415 -- as above
    from jotgraph.deploy.up import UpOptions  # noqa: PLC0415 -- as above
    from jotgraph.queries.answers.up import Stage  # noqa: PLC0415 -- as above

    named = files.events or files.expects or files.folder
    skipped = {Stage.TEST: asked["skip_test"], Stage.INVOKE: asked["skip_invoke"]}
    return UpOptions(
        build=BuildOptions(
            dockerfile=asked["dockerfile"],
            base=asked["base"],
            platform=asked["platform"],
            labels=asked["labels"],
            arguments=asked["arguments"],
            allow_dirty=asked["allow_dirty"],
        ),
        push=PushOptions(
            tag=asked["tag"],
            immutable=asked["immutable"],
            scan_on_push=asked["scan_on_push"],
        ),
        deploy=DeployOptions(
            role=asked["role"],
            alias=asked["alias"],
            weight=asked["weight"],
            memory=asked["memory"],
            timeout=asked["timeout"],
        ),
        repository=asked["repository"],
        cases=files.read(any_answer=False) if named else (),
        skip=frozenset(stage for stage, skip in skipped.items() if skip),
    )

"""Options that several commands share, each group gathered into one value."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click
from click.core import ParameterSource

from jotgraph.cli.lazy import DEBUG
from jotgraph.cli.names import snapshots
from jotgraph.render.answers.formats import formats_of

if TYPE_CHECKING:
    from jotgraph.analysis.usage import Options

F = TypeVar("F", bound=Callable[..., Any])


class Reading(NamedTuple):
    """Where a command gets its inventory: a stored one, or a scan of the world."""

    stored: str | None = None
    """File, or name and number of a remembered inventory: ``prod``, ``prod#42``, ``prod~1``."""
    git: tuple[str, ...] = ()
    docker: bool = True
    aws: bool = True
    profiles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    content: bool = False
    quick: bool = False
    refresh: bool = False
    days: int = 0
    """Days of invocations to read; 0 for none."""
    labels: str = "running"
    vulnerabilities: bool = False
    inspector: bool = False
    strict: bool = False
    used_by: tuple[str, ...] = ()
    """Files that say what is used elsewhere; read with a stored inventory, too."""


class Output(NamedTuple):
    """How an answer is written to stdout."""

    format: str = "table"
    color: bool | None = None
    """None: only on a terminal, and not with NO_COLOR."""


_SCAN = (
    click.option(
        "--git",
        "git",
        multiple=True,
        metavar="PATH",
        help="Git repository to read; repeatable. Default: the one you are in, if any.",
    ),
    click.option("--docker/--no-docker", default=True, help="Read the Docker engine."),
    click.option("--aws/--no-aws", default=True, help="Read ECR, Lambda and IAM."),
    click.option(
        "--profile", "profiles", multiple=True, metavar="P", help="AWS profile; repeatable."
    ),
    click.option(
        "--region",
        "regions",
        multiple=True,
        metavar="R",
        help="AWS region, or all: every enabled one; repeatable.",
    ),
    click.option(
        "--content", is_flag=True, help="Compare the files in images with commits (slower)."
    ),
    click.option("--quick", is_flag=True, help="Skip GetFunction; drift is then unknown."),
    click.option("--refresh", is_flag=True, help="Also read unchanged functions again."),
    click.option(
        "--usage", is_flag=True, help="Read invocations, function policies, URLs and all aliases."
    ),
    click.option(
        "--days",
        type=click.IntRange(1, 455),
        default=30,
        show_default=True,
        help="Days of invocations that --usage reads.",
    ),
    click.option(
        "--labels",
        type=click.Choice(["running", "all"]),
        default="running",
        show_default=True,
        help="Of which images in ECR to read the labels. ECR records the reading of a manifest as "
        "a pull, unless the role that scans is excluded (jotgraph policy scan says how).",
    ),
    click.option(
        "--vulnerabilities",
        is_flag=True,
        help="Ask ECR for the last scan of each image that runs, where its listing tells none.",
    ),
    click.option(
        "--inspector",
        is_flag=True,
        help="Ask Amazon Inspector, where it scans ECR, which images ECS and EKS use.",
    ),
    click.option(
        "--used-by",
        "used_by",
        multiple=True,
        metavar="FILE|-|CLUSTER=FILE",
        help="Images used elsewhere: output of kubectl get pods,deployments,... -A -o json, a JSON "
        "list, or one reference a line; repeatable.",
    ),
    click.option("--strict", is_flag=True, help="Exit 3 if anything was not read."),
)
_OF_SCANS = frozenset(
    {
        "git",
        "docker",
        "aws",
        "profiles",
        "regions",
        "content",
        "quick",
        "refresh",
        "usage",
        "days",
        "labels",
        "vulnerabilities",
        "inspector",
    }
)
"""Parameters that say what to scan."""

_FROM = click.option(
    "--from",
    "stored",
    metavar="FILE|REF",
    shell_complete=snapshots,
    help="Read a stored inventory (file, or prod, prod#42, prod~1) instead of scanning.",
)


def _debug(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        ctx.meta[DEBUG] = True


debug = click.option(
    "--debug",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_debug,
    help="Show the traceback of an error.",
)


def _services(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> Any:
    """``ecs,batch`` and repetitions of it, each service once."""
    names = (name.strip() for text in value for name in text.split(","))
    return tuple(dict.fromkeys(filter(None, names)))


assume_no = click.option(
    "--assume-no",
    "assume_no",
    multiple=True,
    callback=_services,
    metavar="SERVICE,...",
    help="You know that these services run none of the images: ecs,batch. What was not read of "
    "them is no doubt.",
)


class Keeping(NamedTuple):
    """The rollback windows: what is kept though nothing uses it."""

    keep_tags: tuple[str, ...] = ()
    keep_images: int | None = None
    keep_days: float = 0


def usage_options(
    keeping: Keeping,
    ignore: tuple[str, ...],
    assume_no: tuple[str, ...],
    *,
    keep_last: int | None = None,
    idle: bool = False,
) -> Options:
    """Options of verdicts, the same for every command. Raises OptionError."""
    from jotgraph.analysis.usage import KEEP, Options  # noqa: PLC0415 -- networkx takes 0.2 s

    options = Options(
        keep=keeping.keep_tags or KEEP,
        keep_last=keep_last,
        keep_images=keeping.keep_images,
        keep_days=keeping.keep_days,
        idle_functions=idle,
        ignore=ignore,
        assume_no=assume_no,
    )
    options.check()
    return options


_UNITS = MappingProxyType({"h": 1 / 24, "d": 1.0, "w": 7.0})


def days(ctx: click.Context, param: click.Parameter, value: str) -> float:
    """``14``, ``14d``, ``2w`` or ``12h`` as days: a callback of click."""
    number, unit = (value[:-1], value[-1]) if value[-1:].isalpha() else (value, "d")
    try:
        parsed = float(number) * _UNITS[unit]
    except (ValueError, KeyError):
        parsed = -1
    if not 0 <= parsed < 100_000:
        raise click.BadParameter(f"{value!r} is not a time span; write 14d, 2w or 12h", ctx, param)
    return parsed


def _keeping(*more_names: str) -> tuple[Callable[[F], F], ...]:
    return (
        click.option(
            "--keep-tag",
            *more_names,
            "keep_tags",
            multiple=True,
            metavar="PATTERN",
            help="Keep images with such a tag, instead of the default patterns; repeatable.",
        ),
        click.option(
            "--keep-images",
            type=click.IntRange(0),
            metavar="N",
            help="Keep the newest N images of each repository.  [default: 1 of each repository "
            "that something runs from]",
        ),
        click.option(
            "--keep-days",
            callback=days,
            default="0",
            metavar="D",
            help="Keep what was pushed, pulled or published in this time: 30d, 4w.",
        ),
    )


KEEPING = _keeping()
"""Options of ``Keeping`` for the commands that decide a deletion: there ``--keep`` names a
resource."""


def keeping(command: F) -> F:
    """The same as options of their own, with ``--keep`` for ``--keep-tag``; the command gets
    ``keeping``."""
    options = _keeping("--keep")
    return gather(command, "keeping", Keeping, lambda values: Keeping(**values), options)


def scanning(command: F) -> F:
    """Scan options and ``--debug``; the command gets ``reading``, with nothing stored."""
    return gather(command, "reading", Reading, _reading, (*_SCAN, debug))


def reading(command: F) -> F:
    """``--from``, scan options and ``--debug``; the command gets ``reading``. With ``--from``
    nothing is scanned: an option of the scan would be obeyed by nobody, and is refused."""
    return gather(command, "reading", Reading, _one_source, (_FROM, *_SCAN, debug))


def output(answer: str) -> Callable[[F], F]:
    """``--format``, with the formats of an answer, and ``--color``; the command gets ``output``."""
    formats = formats_of(answer)
    options = (
        click.option(
            "--format",
            "format",
            type=click.Choice(formats),
            default=formats[0],
            show_default=True,
            help="Format of the answer.",
        ),
        click.option(
            "--color",
            type=click.Choice(("auto", "always", "never")),
            default="auto",
            show_default=True,
            help="auto: on a terminal, unless NO_COLOR is set.",
        ),
    )
    return lambda command: gather(command, "output", Output, _output, options)


def _reading(values: dict[str, Any]) -> Reading:
    days = values.pop("days")
    return Reading(**values, days=days) if values.pop("usage") else Reading(**values)


def _one_source(values: dict[str, Any]) -> Reading:
    if values.get("stored"):
        _refuse_scan_options()
    return _reading(values)


def _refuse_scan_options() -> None:
    context = click.get_current_context()
    for option in context.command.params:
        asked = context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
        if asked and option.name in _OF_SCANS:
            raise click.UsageError(
                f"{option.opts[0]} is an option of a scan, and --from reads a stored inventory; "
                "use one or the other"
            )


def _output(values: dict[str, Any]) -> Output:
    color = {"always": True, "never": False}.get(values.pop("color"))
    if color is None and os.environ.get("NO_COLOR"):
        color = False
    return Output(color=color, **values)


def gather(
    command: F,
    name: str,
    _type: type,
    make: Callable[[dict[str, Any]], NamedTuple],
    options: tuple[Callable[[Any], Any], ...],
) -> F:
    """Decorate with options whose values reach the command as one keyword argument."""

    @functools.wraps(command)
    def run(**values: Any) -> Any:
        mine = {name: values.pop(name) for name in names if name in values}
        return command(**values, **{name: make(mine)})

    names: list[str] = []
    decorated: Any = run
    before = len(getattr(run, "__click_params__", []))
    for option in reversed(options):
        decorated = option(decorated)
    for parameter in decorated.__click_params__[before:]:
        if parameter.expose_value:
            names.append(parameter.name)
    return decorated  # type: ignore[no-any-return] # click keeps the function's own type

"""The source of a command's inventory: the options of a scan, and ``--from``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click
from click.core import ParameterSource

from jotgraph.cli.defaults import settable
from jotgraph.cli.names import snapshots
from jotgraph.cli.options import days_if_given, debug, gather
from jotgraph.cli.place_options import ACCOUNTS, git_option, profiles_option, regions_to_read

F = TypeVar("F", bound=Callable[..., Any])

_LATELY = 1 / 24
"""The default age limit, in days, of a settings file's snapshot for a gate."""


class Reading(NamedTuple):
    """The source of a command's inventory: a stored one, or a scan."""

    stored: str | None = None
    """File, or name and number of a stored inventory: ``prod``, ``prod#42``, ``prod~1``."""
    by_setting: bool = False
    """Whether a setting chose it: the newest snapshot of a name."""
    max_age: float | None = None
    """Age limit of a stored inventory in days; None for any."""
    gate: bool = False
    """Whether the exit code is the answer of a gate."""
    git: tuple[str, ...] = ()
    docker: bool = True
    aws: bool = True
    profiles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    account_list: str = ""
    """File of accounts, or ``organization``."""
    role_arns: tuple[str, ...] = ()
    external_id: str = ""
    content: bool = False
    quick: bool = False
    refresh: bool = True
    details: bool = True
    days: int = 0
    """Days of invocations to read; 0 for none."""
    labels: str = "running"
    vulnerabilities: bool = False
    inspector: bool = False
    logs: bool = False
    strict: bool = False
    unfinished: Path | None = None
    """Folder for what a scan has read before it is stored."""
    used_by: tuple[str, ...] = ()
    """Files that say what is used elsewhere; also read with a stored inventory."""


_SCAN = (
    git_option,
    click.option("--docker/--no-docker", default=True, help="Read the Docker engine."),
    click.option("--aws/--no-aws", default=True, help="Read ECR, Lambda and IAM."),
    profiles_option,
    *ACCOUNTS,
    regions_to_read,
    click.option(
        "--content", is_flag=True, help="Compare the files in images with commits (slower)."
    ),
    click.option("--quick", is_flag=True, help="Skip GetFunction; drift is then unknown."),
    click.option(
        "--refresh/--no-refresh",
        default=True,
        help="Read the state of unchanged functions again. With --no-refresh it is unknown, and "
        "no check of it can pass.",
    ),
    click.option(
        "--details/--no-details",
        default=True,
        help="After the listings, read the details of each function. With --no-details the answer "
        "is from listings alone.",
    ),
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
        help="Read the labels of the images in ECR that run, or of all. ECR records this as a "
        "pull, unless the scanning role is excluded (jotgraph policy scan shows how).",
    ),
    click.option(
        "--vulnerabilities",
        is_flag=True,
        help="Read the last vulnerability scan of each running image from ECR, if the listing "
        "does not contain it.",
    ),
    click.option(
        "--inspector",
        is_flag=True,
        help="Ask Amazon Inspector, if it scans ECR, which images ECS and EKS use.",
    ),
    click.option(
        "--logs",
        is_flag=True,
        help="List log groups of functions, so that plans can delete them too. Deleted log events "
        "cannot be restored.",
    ),
    click.option(
        "--used-by",
        "used_by",
        multiple=True,
        metavar="FILE|-|CLUSTER=FILE",
        help="Images used elsewhere: output of kubectl get pods,deployments,... -A -o json, a JSON "
        "list, or one reference a line; repeatable.",
    ),
    click.option(
        "--strict", is_flag=True, help="Exit 3 if anything that was asked for was not read."
    ),
)
_OF_SCANS = frozenset(
    {
        "git",
        "docker",
        "aws",
        "profiles",
        "regions",
        "account_list",
        "role_arns",
        "external_id",
        "content",
        "quick",
        "refresh",
        "details",
        "usage",
        "days",
        "labels",
        "vulnerabilities",
        "inspector",
        "logs",
    }
)
"""Parameters that select what to scan."""


def _from(**words: Any) -> Callable[[F], F]:
    return click.option(
        "--from",
        "stored",
        metavar="FILE|REF",
        shell_complete=snapshots,
        help="Read a stored inventory (file, or prod, prod#42, prod~1) instead of scanning.",
        **words,
    )


_STORED = (
    _from(**settable("name")),
    click.option("--fresh", is_flag=True, help="Scan, even if a setting names a snapshot to read."),
    click.option(
        "--max-age",
        callback=days_if_given,
        metavar="T",
        help="Refuse a stored inventory that is older than this: 2h, 1d. As a setting: for checks "
        "only.  [default: 1h for the snapshot that a setting names]",
        **settable("max_age"),
    ),
)


def scanning(command: F) -> F:
    """Add scan options and ``--debug``; the command gets ``reading``, always a scan."""
    return gather(command, "reading", Reading, _reading, (*_SCAN, debug))


def reading(command: F) -> F:
    """Add ``--from``, scan options and ``--debug``; the command gets ``reading``. With ``--from``
    nothing is scanned, so options of the scan are refused. If a setting names snapshots the newest
    is read, unless the command line says what to scan."""
    return gather(command, "reading", Reading, _one_source, (*_STORED, *_SCAN, debug))


def planning(command: F) -> F:
    """Add the same options for commands that plan a deletion, whose inventory no setting
    chooses."""
    return gather(command, "reading", Reading, _one_source, (_from(), *_SCAN, debug))


def _reading(values: dict[str, Any]) -> Reading:
    days = values.pop("days")
    return Reading(**values, days=days) if values.pop("usage") else Reading(**values)


def _one_source(values: dict[str, Any]) -> Reading:
    fresh, max_age = values.pop("fresh", False), values.pop("max_age", None)
    context = click.get_current_context()
    typed = _typed(context)
    if values.get("stored") and "stored" in typed:
        _refuse_scan_options(typed, fresh=fresh)
    elif values.get("stored"):
        if fresh or _OF_SCANS & {*typed} or not _remembered(values["stored"]):
            values["stored"] = None
        else:
            values["by_setting"] = True
    values["gate"] = _is_gate(context)
    if values.get("stored") and ("max_age" in typed or values["gate"]):
        by_default = _LATELY if values.get("by_setting") else None
        values["max_age"] = by_default if max_age is None else max_age
    return _reading(values)


def _typed(context: click.Context) -> dict[str, str]:
    """The parameters on the command line, as spelled there."""
    return {
        str(param.name): param.opts[0]
        for param in context.command.params
        if context.get_parameter_source(str(param.name)) is ParameterSource.COMMANDLINE
    }


def _refuse_scan_options(typed: Mapping[str, str], *, fresh: bool) -> None:
    """Raise UsageError for an option of a scan with a stored inventory."""
    options = [option for name, option in typed.items() if name in _OF_SCANS]
    if fresh:
        options.append("--fresh")
    if options:
        raise click.UsageError(
            f"{options[0]} is an option of a scan, and --from reads a stored inventory; "
            "use one or the other"
        )


def _remembered(name: str) -> bool:
    from jotgraph.cli.stores import snapshots as stored  # noqa: PLC0415 -- what only a run needs

    return bool(stored().of(name))


def _is_gate(context: click.Context) -> bool:
    """Whether the exit code is the answer of a gate: ``check``, and commands with ``--check``."""
    return context.command.name == "check" or bool(context.params.get("check"))

"""Options of the commands that apply a plan: ``apply``, ``delete``, ``cleanup``, ``sweep``."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from jotgraph.cli.options import gather

if TYPE_CHECKING:
    from jotgraph.plan import Limits
    from jotgraph.store.audit import Auditing
    from jotgraph.store.encryption import BackupKey

F = TypeVar("F", bound=Callable[..., Any])


def seconds(ctx: click.Context, param: click.Parameter, value: str) -> float:
    """Parse ``90``, ``90s``, ``3m`` or ``1h`` into seconds: a callback of click."""
    number, unit = (value[:-1], value[-1]) if value[-1:].isalpha() else (value, "s")
    try:
        parsed = float(number) * {"s": 1, "m": 60, "h": 3600}[unit]
    except (ValueError, KeyError):
        parsed = -1
    if not 0 <= parsed <= 6 * 3600:  # Lambda tries events for six hours; later they are lost
        raise click.BadParameter(
            f"{value!r} is not a time of at most 6h; write 90s or 3m", ctx, param
        )
    return parsed


watch = click.option(
    "--watch",
    callback=seconds,
    default="3m",
    show_default=True,
    metavar="T",
    help="With quarantine: watch this long for throttled calls; a function that is called is "
    "restored.",
)


class Applying(NamedTuple):
    """How a plan is applied, as set by the applying side."""

    sure: bool = False
    accepted: tuple[str, ...] = ()
    backup: bool = True
    policy: Path | None = None
    max_failures: int | None = None
    time_limit: float | None = None
    audit: Path | None = None
    on_event: str = ""
    reason: str = ""
    backup_key: Path | None = None

    @property
    def auditing(self) -> Auditing:
        """Return where journal lines are copied to, and the reason for the run."""
        return auditing_of(self.audit, self.on_event, self.reason)


def auditing_of(audit: Path | None, on_event: str, reason: str) -> Auditing:
    """Return the options of ``AUDITING`` as one value."""
    from jotgraph.store.audit import Auditing  # noqa: PLC0415 -- msgspec

    return Auditing(file=audit, command=on_event, reason=reason)


def _limit(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """Parse ``90``, ``90s``, ``30m`` or ``2h`` into seconds: a callback of click."""
    return None if value is None else seconds(ctx, param, value)


AUDITING = (
    click.option(
        "--audit",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Append every line of the journal to this file too, as JSON.",
    ),
    click.option(
        "--on-event",
        default="",
        metavar="CMD",
        help="Start this command, and write every line of the journal to its standard input too.",
    ),
    click.option(
        "--reason", default="", metavar="TEXT", help="The reason, written to the journal."
    ),
)


backup_key = click.option(
    "--backup-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Key that encrypts the documents of the backup, which contain environment variables. "
    "Images and packages are not encrypted.",
)


def key_of(path: Path | None) -> BackupKey | None:
    """Return the key in a file. Raises OptionError."""
    from jotgraph.store.encryption import BackupKey  # noqa: PLC0415 -- what only a run needs

    return BackupKey(path) if path else None


_APPLYING = (
    click.option("--yes", "sure", is_flag=True, help="Do not ask for confirmation."),
    click.option(
        "--accept-gaps",
        "accepted",
        multiple=True,
        metavar="NAME",
        help="Go on although this was not read (the plan lists the names); repeatable.",
    ),
    click.option(
        "--backup/--no-backup",
        default=True,
        help="Back up everything first, for undo; what cannot be backed up is not deleted.",
    ),
    click.option(
        "--policy",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Policy file whose [apply] table limits what may be deleted, whatever the plan says.",
    ),
    click.option(
        "--max-failures",
        type=click.IntRange(1),
        metavar="N",
        help="Start no further step after this many failures.",
    ),
    click.option(
        "--time-limit",
        callback=_limit,
        metavar="T",
        help="Start no further step after this time: 90s, 30m, 2h (at most 6h).",
    ),
    *AUDITING,
    backup_key,
)


def auditing(command: F) -> F:
    """Add only the options of ``AUDITING``; the command gets ``auditing``."""

    @functools.wraps(command)
    def run(audit: Path | None, on_event: str, reason: str, **values: Any) -> Any:
        return command(auditing=auditing_of(audit, on_event, reason), **values)

    decorated: Any = run
    for option in reversed(AUDITING):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return] # click keeps the function's own type


def applying(command: F) -> F:
    """Add the options of every command that applies a plan; the command gets ``applying``."""
    return gather(command, "applying", Applying, lambda values: Applying(**values), _APPLYING)


def limits_of(
    policy: Path | None,
    max_count: int | None = None,
    max_percent: float | None = None,
    *,
    max_both: bool = False,
) -> Limits:
    """Return what this side allows: the policy file, which options may only narrow; without one the
    options, or the defaults. Raises OptionError."""
    import msgspec  # noqa: PLC0415 -- what only a run needs

    from jotgraph.plan.limits import Limits, parse_limits  # noqa: PLC0415 -- only a run needs it
    from jotgraph.policy_check import read_policy  # noqa: PLC0415 -- as above

    if policy is not None:
        limits = parse_limits(read_policy(policy).apply, str(policy))
        count = limits.max_count if max_count is None else min(max_count, limits.max_count)
        percent = limits.max_percent
        percent = percent if max_percent is None else min(max_percent, percent)
        return msgspec.structs.replace(limits, max_count=count, max_percent=percent)
    if max_both and max_count is not None and max_percent is not None:
        return Limits(max_count=sys.maxsize, max_percent=100)  # the plan was held to both already
    usual = Limits()
    return Limits(
        max_count=usual.max_count if max_count is None else max_count,
        max_percent=usual.max_percent if max_percent is None else max_percent,
    )

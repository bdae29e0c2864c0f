"""The commands ``jotgraph rollback`` and ``jotgraph promote``, which move an alias."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jotgraph.cli.acting import Acting, acting
from jotgraph.cli.apply_options import auditing
from jotgraph.cli.making import finish, patience, tell
from jotgraph.cli.options import Output, debug, output

if TYPE_CHECKING:
    from jotgraph.store.audit import Auditing


@click.command(epilog="Example: jotgraph rollback checkout --alias live")
@click.argument("function", metavar="FUNCTION", default="")
@click.option("--alias", metavar="A", default="", help="Alias to move back.")
@click.option("--service", metavar="CLUSTER/NAME", default="", help="An ECS service instead.")
@patience
@acting
@auditing
@output("rollout")
@debug
def rollback(
    function: str,
    alias: str,
    service: str,
    patience: float,
    acting: Acting,
    auditing: Auditing,
    output: Output,
) -> None:
    """Move an alias or an ECS service back to what it ran before.

    The journals of this machine name the version. If they do not, it is the newest version
    published before the one that the alias is on. If a deployment gave a new version a share of the
    calls, that share is removed. The answer says why the version was chosen; a version whose image
    is gone from ECR is refused. A service goes back to the task definition that it had, or to the
    newest older revision.
    """
    from jotgraph.deploy import rollout  # noqa: PLC0415 -- what only a run needs
    from jotgraph.deploy.run import running  # noqa: PLC0415 -- as above
    from jotgraph.errors import OptionError  # noqa: PLC0415 -- as above

    if bool(function and alias) == bool(service) or bool(function) != bool(alias):
        raise OptionError("name what to roll back: FUNCTION --alias A, or --service CLUSTER/NAME")
    reached = acting.connect()
    subject = {"service": service} if service else {"function": function, "alias": alias}
    with running(
        "rollback", subject, reached, patience=patience, auditing=auditing, tell=tell
    ) as run:
        if service:
            result = rollout.rollback_service(run, service)
        else:
            result = rollout.rollback(run, function, alias)
    finish(result, output)


@click.command(epilog="Example: jotgraph promote checkout --alias live")
@click.argument("function", metavar="FUNCTION")
@click.option("--alias", metavar="A", required=True, help="Alias whose move is to be finished.")
@patience
@acting
@auditing
@output("rollout")
@debug
def promote(
    function: str,
    alias: str,
    patience: float,
    acting: Acting,
    auditing: Auditing,
    output: Output,
) -> None:
    """Give all calls of an alias to the version that has a share of them now.

    It finishes what deploy --weight began.
    """
    from jotgraph.deploy import rollout  # noqa: PLC0415 -- what only a run needs
    from jotgraph.deploy.run import running  # noqa: PLC0415 -- as above

    reached = acting.connect()
    subject = {"function": function, "alias": alias}
    with running(
        "promote", subject, reached, patience=patience, auditing=auditing, tell=tell
    ) as run:
        result = rollout.promote(run, function, alias)
    finish(result, output)

"""The command ``jotgraph deploy``, which lets a function or an ECS service run an image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jotgraph.cli.acting import Acting, acting
from jotgraph.cli.apply_options import auditing
from jotgraph.cli.declared import declared, options_of
from jotgraph.cli.making import finish, patience, tell
from jotgraph.cli.options import Output, debug, output

if TYPE_CHECKING:
    from jotgraph.deploy.rollout import DeployOptions
    from jotgraph.store.audit import Auditing

_OF_A_SERVICE = "up makes a function: jotgraph deploy IMAGE --service CLUSTER/NAME"
DEPLOY = (
    declared(
        "--function",
        metavar="NAME",
        default="",
        help="The function to deploy it to.",
        in_up={"required": True, "help": "Lambda function."},
    ),
    declared(
        "--service",
        metavar="CLUSTER/NAME",
        default="",
        help="The ECS service instead.",
        left_out=_OF_A_SERVICE,
    ),
    declared(
        "--container",
        metavar="NAME",
        default="",
        help="Container to update, if there are several.",
        left_out=_OF_A_SERVICE,
    ),
    declared(
        "--role",
        metavar="ROLE",
        default="",
        help="ARN or name of its role.  [default: the one it has; a new function gets one that "
        "may write its own log]",
    ),
    declared("--alias", metavar="A", default="", help="Alias to move to the new version."),
    declared(
        "--weight",
        type=float,
        metavar="W",
        help="Share of the alias' calls for the new version, from 0 to 1.  [default: all]",
    ),
    declared("--memory", type=int, metavar="MB", help="Memory of the function."),
    declared("--timeout", type=int, metavar="S", help="Seconds that an invocation may take."),
    declared(
        "--env-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="All variables of the function: lines NAME=value, or a JSON object.",
    ),
    declared(
        "--architecture",
        type=click.Choice(("x86_64", "arm64")),
        help="Change the function to this processor architecture, which must be that of the image.",
    ),
)
"""The options of a deployment, for its command and ``up``."""


def deploy_options(values: Mapping[str, Any]) -> DeployOptions:
    """Return the options of a function as typed. Raises OptionError."""
    from jotgraph.deploy.rollout import DeployOptions  # noqa: PLC0415 -- what only a run needs
    from jotgraph.deploy.rollout.environment import variables  # noqa: PLC0415 -- as above
    from jotgraph.settings.files import read_text  # noqa: PLC0415 -- as above

    file = values["env_file"]
    options = DeployOptions(
        role=values["role"],
        alias=values["alias"],
        weight=values["weight"],
        memory=values["memory"],
        timeout=values["timeout"],
        environment=variables(read_text(file, "a file of variables"), str(file)) if file else None,
        architecture=values["architecture"] or "",
    )
    options.check()
    return options


@click.command(epilog="Example: jotgraph deploy shop/checkout:1a2b3c --function checkout")
@click.argument("image", metavar="IMAGE")
@options_of("deploying", DEPLOY)
@patience
@acting
@auditing
@output("rollout")
@debug
def deploy(
    image: str,
    deploying: Mapping[str, Any],
    patience: float,
    acting: Acting,
    auditing: Auditing,
    output: Output,
) -> None:
    """Deploy an image of ECR to a function or an ECS service.

    IMAGE is repository:tag, repository@digest or a URI of ECR. A function is created or updated,
    never replaced, and published as a version. A service gets a new revision of its task
    definition, with the image by digest, and is watched until it is steady. What cannot be done is
    refused before anything is changed: an image index, a zip function, another processor, an alias
    whose calls somebody else splits between versions. Labels of the image become tags of the
    function. To continue an interrupted run, run the same command again.
    """
    from jotgraph.deploy import rollout  # noqa: PLC0415 -- what only a run needs
    from jotgraph.deploy.run import running  # noqa: PLC0415 -- as above
    from jotgraph.errors import OptionError  # noqa: PLC0415 -- as above

    function, service = deploying["function"], deploying["service"]
    container = deploying["container"]
    if bool(function) == bool(service):
        raise OptionError(
            "name what should run the image: --function NAME or --service CLUSTER/NAME"
        )
    options = deploy_options(deploying)
    if service and options.subject:
        raise OptionError(f"--{min(options.subject)} is of a function, and not of a service")
    reached = acting.connect()
    subject = {"image": image, "function": function, **options.subject}
    if service:
        subject = {"image": image, "service": service, "container": container}
    with running(
        "deploy", subject, reached, patience=patience, auditing=auditing, tell=tell
    ) as run:
        if service:
            result = rollout.update_service(run, image, service, container)
        else:
            result = rollout.deploy(run, image, function, options)
    finish(result, output)

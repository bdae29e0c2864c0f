"""The command ``jotgraph deploy``, which lets a function or an ECS service run an image."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jotgraph.cli.apply_options import auditing
from jotgraph.cli.making import connected, finish, patience, tell
from jotgraph.cli.options import Output, debug, output, profiles_option, regions_option

if TYPE_CHECKING:
    from jotgraph.store.audit import Auditing


@click.command(epilog="Example: jotgraph deploy shop/checkout:1a2b3c --function checkout")
@click.argument("image", metavar="IMAGE")
@click.option("--function", metavar="NAME", default="", help="The function to let run it.")
@click.option("--service", metavar="CLUSTER/NAME", default="", help="The ECS service instead.")
@click.option("--container", metavar="NAME", default="", help="Of several containers, which one.")
@click.option(
    "--role",
    metavar="ROLE",
    default="",
    help="ARN or name of its role.  [default: the one it has; a new function gets one that may "
    "write its own log]",
)
@click.option("--alias", metavar="A", default="", help="Alias to move to the new version.")
@click.option(
    "--weight",
    type=float,
    metavar="W",
    help="Share of the alias' calls for the new version, from 0 to 1.  [default: all]",
)
@click.option("--memory", type=int, metavar="MB", help="Memory of the function.")
@click.option("--timeout", type=int, metavar="S", help="Seconds that an invocation may take.")
@click.option(
    "--env-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="All variables of the function: lines NAME=value, or a JSON object.",
)
@click.option(
    "--architecture",
    type=click.Choice(("x86_64", "arm64")),
    help="Let a function change to the processor of the image.",
)
@patience
@profiles_option
@regions_option
@auditing
@output("rollout")
@debug
def deploy(
    image: str,
    function: str,
    service: str,
    container: str,
    role: str,
    alias: str,
    weight: float | None,
    memory: int | None,
    timeout: int | None,
    env_file: Path | None,
    architecture: str | None,
    patience: float,
    profiles: tuple[str, ...],
    regions: tuple[str, ...],
    auditing: Auditing,
    output: Output,
) -> None:
    """Let a function or an ECS service run an image of ECR.

    IMAGE is repository:tag, repository@digest or a URI of ECR. A function is created or updated,
    never replaced, and published as a version. A service gets a new revision of its task
    definition, with the image by digest, and is watched until it is steady. What cannot be done is
    refused before anything is changed: an image index, a zip function, another processor, an alias
    that somebody else gives shares of its calls. Labels of the image become tags of the function. A
    run that was interrupted goes on when the same command is run again.
    """
    from jotgraph.deploy import rollout  # noqa: PLC0415 -- what only a run needs
    from jotgraph.deploy.rollout.environment import variables  # noqa: PLC0415 -- as above
    from jotgraph.deploy.run import running  # noqa: PLC0415 -- as above
    from jotgraph.errors import OptionError  # noqa: PLC0415 -- as above

    if bool(function) == bool(service):
        raise OptionError("name what is to run it: --function NAME or --service CLUSTER/NAME")
    options = rollout.DeployOptions(
        role=role,
        alias=alias,
        weight=weight,
        memory=memory,
        timeout=timeout,
        environment=variables(env_file.read_text(), str(env_file)) if env_file else None,
        architecture=architecture or "",
    )
    options.check()
    if service and options.subject:
        raise OptionError(f"--{min(options.subject)} is of a function, and not of a service")
    reached = connected(profiles, regions)
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

"""The command ``jotgraph push``, which puts an image into ECR."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jotgraph.cli.apply_options import auditing
from jotgraph.cli.making import connected, finish, patience, tell
from jotgraph.cli.options import Output, debug, output, profiles_option, regions_option

if TYPE_CHECKING:
    from jotgraph.store.audit import Auditing


@click.command(epilog="Example: jotgraph push checkout:latest --repository shop/checkout")
@click.argument("image", metavar="IMAGE")
@click.option(
    "--repository",
    metavar="NAME",
    default="",
    help="Repository in ECR.  [default: as IMAGE is called]",
)
@click.option(
    "--tag",
    metavar="TAG",
    default="",
    help="Tag in ECR.  [default: the commit that the image's label names, else its id]",
)
@click.option(
    "--scan-on-push", is_flag=True, help="Of a repository that is created: scan what is pushed."
)
@click.option("--immutable", is_flag=True, help="Of a repository that is created: no tag moves.")
@click.option(
    "--lifecycle-policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Of a repository that is created: its lifecycle policy, as JSON.",
)
@click.option("--index", is_flag=True, help="Push an image index too, which Lambda refuses.")
@patience
@profiles_option
@regions_option
@auditing
@output("pushed")
@debug
def push(
    image: str,
    repository: str,
    tag: str,
    scan_on_push: bool,
    immutable: bool,
    lifecycle_policy: Path | None,
    index: bool,
    patience: float,
    profiles: tuple[str, ...],
    regions: tuple[str, ...],
    auditing: Auditing,
    output: Output,
) -> None:
    """Push an image to ECR, and prove the digest that ECR has.

    IMAGE is a name or id of the Docker engine. The repository is created if it is missing. An image
    index, and a tag that may not move, are refused before anything is pushed; what is there already
    is not pushed again. The registry's token goes into the engine's request alone: no config file
    holds it. A run that was interrupted goes on when the same command is run again.
    """
    from jotgraph.deploy.push import PushOptions  # noqa: PLC0415 -- what only a run needs
    from jotgraph.deploy.push import push as pushed  # noqa: PLC0415 -- as above
    from jotgraph.deploy.push.images import EngineImage  # noqa: PLC0415 -- as above
    from jotgraph.deploy.run import running  # noqa: PLC0415 -- as above
    from jotgraph.records.references import reference  # noqa: PLC0415 -- as above

    reached = connected(profiles, regions, use_docker=True)
    found = EngineImage.of(reached, image)
    name = repository or reference(image).path
    options = PushOptions(
        tag=tag,
        scan_on_push=scan_on_push,
        immutable=immutable,
        lifecycle_policy=lifecycle_policy.read_text() if lifecycle_policy else "",
        allow_index=index,
    )
    subject = {"image": str(found.id), "repository": name, "tag": tag}
    with running("push", subject, reached, patience=patience, auditing=auditing, tell=tell) as run:
        result = pushed(run, reached.docker, image, name, options)
    finish(result, output)

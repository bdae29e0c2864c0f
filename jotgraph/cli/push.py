"""The command ``jotgraph push``, which puts an image into ECR."""

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
    from jotgraph.deploy.push import PushOptions
    from jotgraph.store.audit import Auditing

PUSH = (
    declared(
        "--repository",
        metavar="NAME",
        default="",
        help="Repository in ECR.  [default: the name of IMAGE]",
        in_up={"help": "Repository in ECR.  [default: the function's name]"},
    ),
    declared(
        "--tag",
        metavar="TAG",
        default="",
        help="Tag in ECR.  [default: the commit that the image's label names, else its id]",
    ),
    declared(
        "--scan-on-push",
        is_flag=True,
        help="If the repository is created: scan images on push.",
    ),
    declared(
        "--immutable", is_flag=True, help="If the repository is created: make its tags immutable."
    ),
    declared(
        "--lifecycle-policy",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="If the repository is created: its lifecycle policy, as JSON.",
    ),
    declared(
        "--index",
        is_flag=True,
        help="Allow an image index, which Lambda refuses.",
        left_out="Lambda refuses an index, and build makes none",
    ),
)
"""The options of a push, of its command and of ``up``."""


def push_options(values: Mapping[str, Any]) -> PushOptions:
    """The options as they were typed. Raises OptionError."""
    from jotgraph.cli.texts import lifecycle_policy  # noqa: PLC0415 -- what only a run needs
    from jotgraph.deploy.push import PushOptions  # noqa: PLC0415 -- what only a run needs

    policy = values["lifecycle_policy"]
    return PushOptions(
        tag=values["tag"],
        scan_on_push=values["scan_on_push"],
        immutable=values["immutable"],
        lifecycle_policy=lifecycle_policy(policy) if policy else "",
        allow_index=values.get("index", False),
    )


@click.command(epilog="Example: jotgraph push checkout:latest --repository shop/checkout")
@click.argument("image", metavar="IMAGE")
@options_of("pushing", PUSH)
@patience
@acting
@auditing
@output("pushed")
@debug
def push(
    image: str,
    pushing: Mapping[str, Any],
    patience: float,
    acting: Acting,
    auditing: Auditing,
    output: Output,
) -> None:
    """Push an image to ECR, and verify the digest that ECR stores.

    IMAGE is a name or id of the Docker engine. The repository is created if it is missing. An image
    index, or an immutable tag of another image, is refused before anything is pushed. What ECR
    already has is not pushed again. The registry's token is sent to the engine only, and written to
    no config file. To continue an interrupted run, run the same command again.
    """
    from jotgraph.deploy.push import push as pushed  # noqa: PLC0415 -- what only a run needs
    from jotgraph.deploy.push.images import EngineImage  # noqa: PLC0415 -- as above
    from jotgraph.deploy.run import running  # noqa: PLC0415 -- as above
    from jotgraph.deploy.subject import told_apart  # noqa: PLC0415 -- as above
    from jotgraph.records.references import reference  # noqa: PLC0415 -- as above

    options = push_options(pushing)
    reached = acting.connect(use_docker=True)
    engine_image = EngineImage.of(reached, image)
    name = pushing["repository"] or reference(image).path
    subject = {"image": str(engine_image.id), "repository": name, "tag": options.tag}
    subject["options"] = told_apart(options)
    with running("push", subject, reached, patience=patience, auditing=auditing, tell=tell) as run:
        result = pushed(run, reached.docker, image, name, options)
    finish(result, output)

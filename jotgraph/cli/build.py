"""The command ``jotgraph build``, which makes an image of a folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from jotgraph.cli.declared import declared, options_of
from jotgraph.cli.lazy import CommandError
from jotgraph.cli.options import Output, debug, output
from jotgraph.cli.progress import OFF
from jotgraph.cli.saying import say
from jotgraph.cli.validate import ALLOW_DIRTY, DOCKERFILE

if TYPE_CHECKING:
    from jotgraph.deploy.build import BuildOptions


def pairs(_ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    """Parse ``NAME=VALUE``; the last value of a name counts."""
    arguments: dict[str, str] = {}
    for text in value:
        name, equals, rest = text.partition("=")
        if not (name and equals):
            raise click.BadParameter(f"{text!r} is not NAME=VALUE", param=param)
        arguments[name] = rest
    return arguments


BUILD = (
    DOCKERFILE,
    declared(
        "--base",
        metavar="aws|slim|IMAGE",
        default="",
        help="Generate a Dockerfile on this base.  [default: aws, where there is no Dockerfile]",
    ),
    declared(
        "--python",
        metavar="3.N",
        default="",
        help="Python of a generated Dockerfile.  [default: .python-version, or 3.13]",
    ),
    declared(
        "-t",
        "--tag",
        "tags",
        multiple=True,
        metavar="NAME[:TAG]",
        help="Name of the image; repeatable.  [default: folder:commit]",
        in_up={
            "names": ("--build-tag",),
            "help": "Name of the image in the engine; repeatable.  [default: folder:commit]",
        },
    ),
    declared("--label", "labels", multiple=True, metavar="NAME=VALUE", callback=pairs,
             help="Another label; repeatable."),
    declared("--build-arg", "arguments", multiple=True, metavar="NAME=VALUE", callback=pairs,
             help="Value of an ARG; repeatable."),
    declared("--platform", type=click.Choice(["linux/amd64", "linux/arm64"]),
             default="linux/amd64", show_default=True, help="What the image runs on."),
    declared("--builder", type=click.Choice(["auto", "classic", "buildkit"]), default="auto",
             show_default=True, help="Builder of the engine."),
    declared("--network", metavar="NETWORK", default="", help="Network for RUN steps."),
    declared("--pull", is_flag=True, help="Pull base images again, even if the engine has them."),
    declared("--cache/--no-cache", default=True, help="Use the build cache of the engine."),
    ALLOW_DIRTY,
    declared("--validate/--no-validate", default=True,
             help="With --no-validate: build even if validate finds something wrong."),
    declared("--print-dockerfile", is_flag=True, help="Print the Dockerfile, and build nothing.",
             left_out="it makes nothing: jotgraph build --print-dockerfile"),
)  # fmt: skip
"""The options of a build, for its command and ``up``."""


def build_options(values: Mapping[str, Any]) -> BuildOptions:
    """Return the options as typed. Raises OptionError."""
    from jotgraph.deploy.build import Builder, BuildOptions  # noqa: PLC0415 -- only a run needs it

    words = {name: value for name, value in values.items() if name != "print_dockerfile"}
    return BuildOptions(**{**words, "builder": Builder(words["builder"])})


@click.command(epilog="Example: jotgraph build services/checkout:app.handler --tag checkout:next")
@click.argument("target", metavar="PATH[:MODULE.FUNCTION]")
@options_of("building", BUILD)
@output("build")
@debug
def build(target: str, building: Mapping[str, Any], output: Output) -> None:
    """Build an image of a folder, with labels that name its commit.

    Uses the folder's Dockerfile or, for PATH:module.function, a generated one. A generated one
    installs requirements.txt, or the dependencies of pyproject.toml, in a layer before the sources.
    The Docker engine gets the files that validate checks, with the time of the commit. The image
    has one platform and no attestations, as Lambda requires. Prints the name of the image.

    Exit codes: 0 built, 1 validate found something wrong, 2 usage, 4 failed.
    """
    from jotgraph import clients, deploy  # noqa: PLC0415 -- what only a run needs
    from jotgraph.cli import answer  # noqa: PLC0415 -- as above
    from jotgraph.clients import Clients  # noqa: PLC0415 -- as above
    from jotgraph.clients.engine import connect_docker  # noqa: PLC0415 -- as above
    from jotgraph.deploy.build import InvalidFolderError  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.build import note, writers  # noqa: PLC0415 -- as above

    root, handler = deploy.split_target(target)
    options = build_options(building)
    reached = clients.with_engine(Clients(), connect_docker())
    try:
        if building["print_dockerfile"]:
            click.echo(deploy.dockerfile_text(root, handler, options, reached.docker), nl=False)
            return
        if reached.docker is None:
            raise CommandError(reached.why_no_engine)
        tell = _quiet if os.environ.get(OFF, "").lower() in ("off", "no", "0") else _tell
        made = deploy.build_image(root, handler, options, clients=reached, tell=tell)
    except InvalidFolderError as error:
        raise CommandError(str(error), answer.FOUND) from error
    answer.write(made, output, writers())
    say(note(made))


def _tell(words: str) -> None:
    say(f"build: {words}")


def _quiet(_words: str) -> None:
    """A progress callback that does nothing."""

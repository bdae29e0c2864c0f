"""The command ``jotgraph build``, which makes an image of a folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from jotgraph.cli.lazy import Failure
from jotgraph.cli.options import Output, debug, output
from jotgraph.cli.progress import OFF

if TYPE_CHECKING:
    from jotgraph.deploy.build import BuildOptions

F = TypeVar("F", bound=Callable[..., Any])


def pairs(_ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    """``NAME=VALUE``, the last of a name."""
    found: dict[str, str] = {}
    for text in value:
        name, equals, rest = text.partition("=")
        if not (name and equals):
            raise click.BadParameter(f"{text!r} is not NAME=VALUE", param=param)
        found[name] = rest
    return found


_OPTIONS = (
    click.option("--dockerfile", metavar="FILE", default="", help="Dockerfile, from PATH on."),
    click.option(
        "--base",
        metavar="aws|slim|IMAGE",
        default="",
        help="Generate a Dockerfile on this base.  [default: aws, where there is no Dockerfile]",
    ),
    click.option(
        "--python",
        metavar="3.N",
        default="",
        help="Python of a generated Dockerfile.  [default: .python-version, or 3.13]",
    ),
    click.option("-t", "--tag", "tags", multiple=True, metavar="NAME[:TAG]", help="Name of the "
                 "image; repeatable.  [default: folder:commit]"),
    click.option("--label", "labels", multiple=True, metavar="NAME=VALUE", callback=pairs,
                 help="Another label; repeatable."),
    click.option("--build-arg", "arguments", multiple=True, metavar="NAME=VALUE", callback=pairs,
                 help="Value of an ARG; repeatable."),
    click.option("--platform", type=click.Choice(["linux/amd64", "linux/arm64"]),
                 default="linux/amd64", show_default=True, help="What the image runs on."),
    click.option("--builder", type=click.Choice(["auto", "classic", "buildkit"]), default="auto",
                 show_default=True, help="Builder of the engine."),
    click.option("--network", metavar="NETWORK", default="", help="Network of RUN."),
    click.option("--pull", is_flag=True, help="Ask the registry for bases that are here."),
    click.option("--cache/--no-cache", default=True, help="Use steps that were built before."),
    click.option("--allow-dirty", is_flag=True, help="Build what is in no commit; labels say so."),
    click.option("--validate/--no-validate", default=True,
                 help="Build though validate calls something wrong."),
)  # fmt: skip


def build_options(command: F) -> F:
    """The options of a build; the command gets them by name, for ``options_of``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def options_of(words: dict[str, Any]) -> BuildOptions:
    """The options of a build as they were typed. Raises OptionError."""
    from jotgraph.deploy.build import Builder, BuildOptions  # noqa: PLC0415 -- only a run needs it

    return BuildOptions(**{**words, "builder": Builder(words["builder"])})


@click.command(epilog="Example: jotgraph build services/checkout:app.handler --tag checkout:next")
@click.argument("target", metavar="PATH[:MODULE.FUNCTION]")
@build_options
@click.option("--print-dockerfile", is_flag=True, help="Print the Dockerfile, and build nothing.")
@output("build")
@debug
def build(target: str, print_dockerfile: bool, output: Output, **words: Any) -> None:
    """Build an image of a folder, with labels that name its commit.

    By the folder's Dockerfile, or by a generated one for PATH:module.function, which installs
    requirements.txt, or the dependencies of pyproject.toml, in a layer before the sources. The
    Docker engine is sent the files that validate looks at, with the time of the commit. The image
    is of one platform, without attestations, as Lambda takes it. Prints its name.

    Exit codes: 0 built, 1 validate calls something wrong, 2 usage, 4 failed.
    """
    from jotgraph import clients, deploy  # noqa: PLC0415 -- what only a run needs
    from jotgraph.cli import answer  # noqa: PLC0415 -- as above
    from jotgraph.clients import Clients  # noqa: PLC0415 -- as above
    from jotgraph.deploy.build import InvalidFolderError  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.build import note, writers  # noqa: PLC0415 -- as above

    root, handler = deploy.split_target(target)
    options = options_of(words)
    engine, gaps = clients.connect_docker()
    try:
        if print_dockerfile:
            click.echo(deploy.dockerfile_text(root, handler, options, engine), nl=False)
            return
        if engine is None:
            raise Failure(gaps[0].detail.partition(", or pass --no-docker")[0])
        tell = _quiet if os.environ.get(OFF, "").lower() in ("off", "no", "0") else _tell
        made = deploy.build_image(root, handler, options, clients=Clients(docker=engine), tell=tell)
    except InvalidFolderError as error:
        raise Failure(str(error), answer.FOUND) from error
    answer.write(made, output, writers())
    click.echo(note(made), err=True)


def _tell(words: str) -> None:
    click.echo(f"build: {words}", err=True)


def _quiet(_words: str) -> None:
    """Nobody wants to hear it."""

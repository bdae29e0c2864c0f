"""The command ``jotgraph content``, which finds commits by the bytes of images."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jotgraph.cli.defaults import settable
from jotgraph.cli.lazy import CommandError
from jotgraph.cli.options import Output, debug, output
from jotgraph.cli.scan_options import Reading

if TYPE_CHECKING:
    from jotgraph.records import Inventory, ResourceId


@click.command(epilog="Example: jotgraph content shop:latest ./image.tar --git ~/src/shop")
@click.argument("images", metavar="IMAGE...", nargs=-1, required=True)
@click.option(
    "--git",
    "repositories",
    multiple=True,
    metavar="PATH",
    type=click.Path(),
    help="Git repository to compare with; repeatable. Default: the one you are in.",
    **settable("git"),
)
@click.option(
    "--cache", type=click.Path(path_type=Path), metavar="DIR", help="Folder for the cache."
)
@click.option(
    "--profile", metavar="P", help="AWS profile, for images in ECR.", **settable("profiles")
)
@click.option(
    "--platform",
    default="",
    metavar="OS/ARCH",
    help="Image of an index to read. Default: linux/amd64, or the first.",
)
@click.option("--strict", is_flag=True, help="Exit 3 if anything that was asked for was not read.")
@output("content")
@debug
def content(
    images: tuple[str, ...],
    repositories: tuple[str, ...],
    cache: Path | None,
    profile: str | None,
    platform: str,
    strict: bool,
    output: Output,
) -> None:
    """Find the commits whose files an image contains.

    No label is needed: files are compared by git's own blob ids. IMAGE is a name or id that the
    Docker engine knows, an archive of docker save, an OCI archive or layout folder (skopeo copy
    makes one of an image in any registry), a tar of files (docker export, npm pack), a Lambda .zip
    package, a wheel, a folder (./dist), or an address in ECR; add :TAG to a file that holds several
    images. The answer is a set of commits: exact (every file that was
    copied matches), subset (only a part of the repository was copied), nearest (some files differ,
    and are listed), weak, or none. An image that cannot be read is an error.
    """
    from jotgraph.cli import answer, not_read  # noqa: PLC0415 -- what only a run needs
    from jotgraph.graph import About  # noqa: PLC0415 -- only a run needs it
    from jotgraph.render.answers.content import writers  # noqa: PLC0415 -- as above

    matched, asked = _read(images, repositories, cache, profile, platform)
    about = About(matched.taken_at, matched.scope, matched.gaps, (), ())
    unread = set(asked) - {match.resource for match in matched.content}
    if matched.content or output.format == "json":
        answer.write(matched.content, output, writers(about))
    if unread:
        not_read.tell_gaps(about.gaps)
        many = f"{len(unread):,} of {len(set(asked)):,} images" if len(set(asked)) > 1 else "it"
        raise CommandError(f"{many} could not be compared")
    answer.finish(about, Reading(strict=strict))


_IN_ECR = "an image of ECR is named by its URI: ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG"


def _read(
    images: tuple[str, ...],
    repositories: tuple[str, ...],
    cache: Path | None,
    profile: str | None,
    platform: str,
) -> tuple[Inventory, tuple[ResourceId, ...]]:
    """The matches, and the requested images."""
    from datetime import UTC, datetime  # noqa: PLC0415 -- what only a run needs

    from jotgraph.cli import world  # noqa: PLC0415 -- as above
    from jotgraph.content.engine import content_of  # noqa: PLC0415 -- as above
    from jotgraph.content.named import source_of  # noqa: PLC0415 -- as above
    from jotgraph.errors import OptionError  # noqa: PLC0415 -- as above
    from jotgraph.records import Inventory, Scope  # noqa: PLC0415 -- as above
    from jotgraph.sources.local import repository_keys  # noqa: PLC0415 -- as above
    from jotgraph.store.folders import cache_folder  # noqa: PLC0415 -- as above

    world.repositories_at(repositories)
    paths = tuple(repositories or world.here(Path.cwd()))
    if not paths:
        raise OptionError("not in a git repository; pass one with --git PATH")

    ecr = partial(_ecr, profile)
    sources = [source_of(image, _engine, ecr, platform) for image in images]
    keys = [(key, Path(path)) for path, key in repository_keys(paths)]
    matched = content_of(sources, keys, cache or cache_folder())
    inventory = Inventory(
        taken_at=datetime.now(UTC),
        scope=Scope(git=tuple(key for key, _ in keys), content=True),
        gaps=matched.gaps,
        content=matched.matches,
    )
    return inventory, tuple(resource for resource, _ in sources)


def _engine() -> Any:
    """The API of the Docker engine. Raises SourceError if none is reached."""
    from jotgraph.clients.engine import (  # noqa: PLC0415 -- docker is slow to import
        NoEngine,
        connect_docker,
    )
    from jotgraph.errors import SourceError  # noqa: PLC0415 -- what only a run needs

    reached = connect_docker()
    if isinstance(reached, NoEngine):
        raise SourceError(f"{reached.why}; {_IN_ECR}")
    return reached.api


def _ecr(profile: str | None, region: str) -> Any:
    from jotgraph.clients import connect  # noqa: PLC0415 -- boto3 is slow to import

    profiles = (profile,) if profile else ()
    (aws,) = connect(use_docker=False, profiles=profiles, regions=(region,)).aws
    return aws.client("ecr", region)

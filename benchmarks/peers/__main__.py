"""Print what each tool does with every image of the example estate.

python -m benchmarks.peers [--all] [--custodian PROGRAM]

``--custodian`` names the command of a Cloud Custodian that is installed (``pip install c7n``): it
then sets the lifecycle policies itself.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import TypeAlias

from benchmarks.peers import rules
from benchmarks.peers.truth import DEAD, LATER, LIVE, NEVER_DEPLOYED, OPEN, PARTNERS, RELEASES, Fate
from jotgraph.clients import connect
from jotgraph.graph import build
from jotgraph.plan import plan_cleanup
from jotgraph.queries.orphans import orphans
from jotgraph.records import Kind, ResourceId, digest_of, region_of
from jotgraph.sandbox import seed
from jotgraph.sandbox.estate import Estate, History, fill, write_history
from jotgraph.sandbox.estate.aws import ELSEWHERE
from jotgraph.sandbox.estate.workloads import CLUSTER
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources import collect
from jotgraph.sources.options import ScanOptions
from jotgraph.sources.used_by import read_all

RUNS = 2
"""A part of an index cannot go before it: the next run takes what is left."""
TOOLS: Mapping[str, Callable[[rules.Clients], None]] = {
    "ecrm": rules.ecrm,
    "aws-ecr-cleaner": rules.aws_ecr_cleaner,
    "c7n": rules.custodian,
}
OURS = "jotgraph"
DELETES, KEEPS, UNKNOWN = "deletes", "keeps", "unknown"
Said = Mapping[str, str]
"""Name of an image -> what a tool does with it."""


def judged(program: str = "") -> tuple[Mapping[str, str], Mapping[str, Said]]:
    """Where each image is, and what every tool does with it; each in an estate of its own.
    ``program`` is Cloud Custodian's command, if it is to be run itself."""
    now = datetime.now(UTC).replace(microsecond=0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        history = write_history(folder / "shop", now - timedelta(days=LATER))
        verdicts: dict[str, Said] = {}
        for tool, rule in TOOLS.items():
            with Sandbox() as aws:
                images = _images(aws, _grown(aws, history, now))
                for region in (aws.region, ELSEWHERE):
                    client = cache(partial(aws.client, region=region))
                    if tool == "c7n" and program:
                        _run_custodian(aws, region, program, folder)
                        rule = rules.expire
                    for _ in range(RUNS):
                        rule(client)
                left = set(_listed(aws))
                verdicts[tool] = {
                    name: KEEPS if image in left else DELETES for name, image in images.items()
                }
        with Sandbox() as aws:
            estate = _grown(aws, history, now)
            images, where = _images(aws, estate), _listed(aws)
            verdicts[OURS] = _ours(aws, estate, images, folder)
            return {name: where[image] for name, image in images.items()}, verdicts


def _grown(aws: Sandbox, history: History, now: datetime) -> Estate:
    """The example estate some time later: nothing was deployed, and every repository has new
    releases, but for the one that a partner pulls from."""
    estate = fill(aws, history, now - timedelta(days=LATER))
    for region in (aws.region, ELSEWHERE):
        repositories = aws.client("ecr", region).describe_repositories()["repositories"]
        for name in (repository["repositoryName"] for repository in repositories):
            for number in range(RELEASES if name != PARTNERS else 0):
                pushed = now - timedelta(days=40 - number)
                seed.image(aws, name, f"2.0.{number}", pushed=pushed, region=region)
    return estate


Image: TypeAlias = tuple[str, str]
"""Region and digest."""


def _images(aws: Sandbox, estate: Estate) -> Mapping[str, Image]:
    """The estate's own names of images; those pushed since by repository and tag."""
    known_uses = {**LIVE, **OPEN, **DEAD}
    named = {
        name: (ELSEWHERE if "-eu" in name else aws.region, digest)
        for name, digest in estate.digests.items()
        if name in known_uses
    }
    known = set(named.values())
    since = {
        f"{repository}:{tags[0]}{' in eu-west-1' * (image[0] == ELSEWHERE)}": image
        for repository, image, tags in _described(aws)
        if tags and image not in known
    }
    return named | since


def _listed(aws: Sandbox) -> Mapping[Image, str]:
    """Every image there is, with its repository."""
    return {image: repository for repository, image, _ in _described(aws)}


def _described(aws: Sandbox) -> Iterator[tuple[str, Image, list[str]]]:
    for region in (aws.region, ELSEWHERE):
        client = aws.client("ecr", region)
        for repository in client.describe_repositories()["repositories"]:
            name = repository["repositoryName"]
            shown = client.describe_images(repositoryName=name, filter={"imageStatus": "ANY"})
            for image in shown["imageDetails"]:
                yield name, (region, image["imageDigest"]), image.get("imageTags", [])


def _run_custodian(aws: Sandbox, region: str, program: str, folder: Path) -> None:
    """Let Cloud Custodian set the policies on the embedded AWS."""
    action = {"type": "set-lifecycle", "rules": rules.RULES}
    policy = {"name": "untagged", "resource": "aws.ecr", "actions": [action]}
    (folder / "custodian.json").write_text(json.dumps({"policies": [policy]}), encoding="utf-8")
    words = [program, "run", "--region", region, "-s", str(folder / "out")]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    kept.pop("PYTHONPATH", None)
    subprocess.run(
        [*words, str(folder / "custodian.json")], env=kept | aws.environment(), check=True
    )


def _ours(aws: Sandbox, estate: Estate, images: Mapping[str, Image], folder: Path) -> Said:
    """What ``plan cleanup`` takes, and what is unknown, with the list of the cluster's pods."""
    pods = folder / "pods.json"
    pods.write_text(estate.pods, encoding="utf-8")
    with _signed_in(aws):
        clients = connect(use_docker=False, regions=[aws.region, ELSEWHERE], rates={})
        options = ScanOptions(
            cache=folder / "cache",
            env_key=b"peers",
            used_by=read_all([f"{CLUSTER}={pods}"], datetime.now(UTC)),
        )
        graph = build(collect(options, clients))
    plan = plan_cleanup(graph, now=datetime.now(UTC), kinds=(Kind.ECR_IMAGE,))
    gone = {_image(step.id) for step in plan.steps}
    unknown = {_image(judgement.id) for judgement in orphans(graph).unknown}
    return {
        name: DELETES if image in gone else UNKNOWN if image in unknown else KEEPS
        for name, image in images.items()
    }


def _image(resource: ResourceId) -> Image:
    return region_of(resource), digest_of(resource)


@contextmanager
def _signed_in(aws: Sandbox) -> Iterator[None]:
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(aws.environment())
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def lines(*, everything: bool = False, program: str = "") -> list[str]:
    """The table in Markdown: images that some tool deletes although they may be in use (or all),
    then the totals."""
    places, verdicts = judged(program)
    since = places.keys() - {*LIVE, *OPEN, *DEAD}
    dead = {**DEAD, **dict.fromkeys(sorted(since), NEVER_DEPLOYED)}
    head = ["image", "what uses it", *TOOLS, OURS]
    table = [_row(head), _row(["---"] * len(head))]
    for fate, images in ((Fate.LIVE, LIVE), (Fate.OPEN, OPEN), (Fate.DEAD, dead)):
        for name, use in images.items():
            words = [_word(fate, tool[name]) for tool in verdicts.values()]
            if everything or any(word.startswith("**") for word in words):
                where = "" if name in since else f" in {places[name]}"
                table.append(_row([f"`{name}`{where}", use, *words]))
    for label, images in (("live", LIVE), ("open", OPEN)):
        counts = [_count(tool, images, DELETES) for tool in verdicts.values()]
        table.append(_row([f"**{label}: deleted**, of {len(images)}", "", *counts]))
    counts = [_count(tool, dead, KEEPS, UNKNOWN) for tool in verdicts.values()]
    table.append(_row([f"**dead: left**, of {len(dead)}", "", *counts]))
    return table


def _word(fate: Fate, done: str) -> str:
    """What a tool does, bold where that is an outage, or may be one."""
    return f"**{done}**" if done == DELETES and fate is not Fate.DEAD else done


def _count(tool: Said, images: Iterable[str], *done: str) -> str:
    return str(sum(tool[name] in done for name in images))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks.peers")
    options.add_argument("--all", action="store_true", help="images about which no tool errs, too")
    options.add_argument("--custodian", default="", metavar="PROGRAM", help="run it itself")
    asked = options.parse_args()
    print("\n".join(lines(everything=asked.all, program=asked.custodian)))


if __name__ == "__main__":
    main()

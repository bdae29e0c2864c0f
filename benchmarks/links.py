"""Seconds to link, build and judge: ``python -m benchmarks.links [images [versions]]``.

Default: 100,000 ECR images in 100 repositories, 10,000 versions of 1,000 functions, 50,000 commits
and 1,000 local images. Images have labels, tags of short revisions, and 12 layers of which the
first 6 are one of 20 base images. Prints CPU time by rule, for all of ``infer``, for ``build`` and
for the verdicts.
"""

from __future__ import annotations

import gc
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from jotgraph.graph import build
from jotgraph.links import RULES, InventoryIndex, infer
from jotgraph.queries.orphans import orphans
from jotgraph.records import (
    Commit,
    EcrImage,
    EcrRepository,
    Function,
    GitRepository,
    ImageType,
    Inventory,
    LocalImage,
    Role,
    Scope,
    Version,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNT, REGION = "123456789012", "eu-west-1"
COMMITS, LOCALS, FUNCTIONS = 50_000, 1_000, 1_000


def sha(number: int) -> str:
    return f"{number * 2_654_435_761 % (1 << 32):08x}{number:032x}"


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


def layers(number: int) -> tuple[str, ...]:
    base = number % 20
    return (
        *(digest(10**12 + base * 10 + n) for n in range(6)),
        *(digest(10**13 + number * 10 + n) for n in range(6)),
    )


def image(number: int) -> EcrImage:
    revision = sha(number % COMMITS)
    return EcrImage(
        account=ACCOUNT,
        region=REGION,
        repository=f"team/app-{number % 100}",
        digest=digest(number),
        tags=(f"v1.{number}.0", revision[:8]),
        pushed_at=START + timedelta(minutes=number),
        created_at=START + timedelta(minutes=number, microseconds=5),
        type=ImageType.IMAGE,
        config_digest=digest(10**15 + number),
        labels=(
            ("org.opencontainers.image.revision", revision),
            ("org.opencontainers.image.source", "https://github.com/acme/shop"),
        ),
        diff_ids=layers(number) if number >= 20 else layers(number)[:6],
    )


def version(number: int) -> Version:
    return Version(
        account=ACCOUNT,
        region=REGION,
        name=f"function-{number % FUNCTIONS}",
        number=str(number // FUNCTIONS + 1),
        code_sha256=digest(number * 7).removeprefix("sha256:"),
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/app-{number % FUNCTIONS}",
    )


def world(images: int, versions: int) -> Inventory:
    return Inventory(
        taken_at=START,
        scope=Scope(accounts=(ACCOUNT,), places=((ACCOUNT, REGION),)),
        git=(
            GitRepository(
                key="app-1",
                remotes=("git@github.com:acme/shop.git",),
                head=sha(COMMITS - 1),
                refs=tuple((f"refs/tags/v1.{n}.0", sha(n)) for n in range(1, COMMITS, 100)),
            ),
        ),
        commits=tuple(
            Commit(
                sha=sha(n),
                parents=(sha(n - 1),) if n else (),
                committed_at=START + timedelta(minutes=n),
                repositories=("app-1",),
            )
            for n in range(COMMITS)
        ),
        local_images=tuple(
            LocalImage(
                image_id=digest(10**15 + n),
                config_digest=digest(10**15 + n),
                tags=(f"app-{n}:dev",),
                diff_ids=layers(n),
            )
            for n in range(20, LOCALS + 20)
        ),
        ecr_repositories=tuple(
            EcrRepository(account=ACCOUNT, region=REGION, name=f"team/app-{n}") for n in range(100)
        ),
        ecr_images=tuple(map(image, range(images))),
        functions=tuple(
            Function(account=ACCOUNT, region=REGION, name=f"function-{n}") for n in range(FUNCTIONS)
        ),
        versions=tuple(map(version, range(versions))),
        roles=tuple(
            Role(account=ACCOUNT, name=f"app-{n}", arn=f"arn:aws:iam::{ACCOUNT}:role/app-{n}")
            for n in range(FUNCTIONS)
        ),
    )


def timed(work: Callable[[], int]) -> tuple[float, int]:
    before = time.process_time()
    count = work()
    return time.process_time() - before, count


def main() -> None:
    sizes = [int(argument) for argument in sys.argv[1:3]]
    made = world(*sizes, *(100_000, 10_000)[len(sizes) :])
    gc.freeze()
    index = InventoryIndex(made)
    for rule in RULES:
        seconds, count = timed(lambda rule=rule: sum(1 for _ in rule.find(index)))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        print(f"{rule.name:28} {seconds:6.2f} s {count:10,} matches")
    seconds, count = timed(lambda: sum(1 for _ in infer(made)))
    print(f"{'infer':28} {seconds:6.2f} s {count:10,} links")
    before = time.process_time()
    graph = build(made)
    count = graph.number_of_edges()
    built = time.process_time() - before
    print(f"{'build (infer and graph)':28} {built:6.2f} s {count:10,} edges")
    judged, count = timed(lambda: len(orphans(graph).all()))
    print(f"{'verdicts':28} {judged:6.2f} s {count:10,} judged")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"{'build and verdicts':28} {built + judged:6.2f} s CPU, {peak:,.0f} MB at most")


if __name__ == "__main__":
    main()

"""Random estates for the picture: any kind may touch any that it can touch in the world."""

from __future__ import annotations

from random import Random

from jotgraph import graph as graphs
from jotgraph.graph import ResourceGraph
from jotgraph.links import Grade, Link, Relation
from jotgraph.records import (
    EcrImage,
    ImageType,
)
from tests.factories import (
    alias,
    commit,
    ecr_image,
    ecr_repository,
    function,
    inventory,
    local_image,
    role,
    scope,
    version,
)
from tests.render.estate import DATA, EAST, PROD, WEST, Told, link, told

WORDS = (
    "orphan",
    "broken",
    "drift",
    "12 behind",
    "idle",
    "conflict: stale label",
    "role recreated",
)


def world(seed: int, size: int) -> tuple[ResourceGraph, Told]:
    """An estate of about ``size`` resources, and findings for some of them."""
    rng = Random(seed)
    few = max(1, size // 8)
    places = [(PROD, WEST), (PROD, EAST), (DATA, WEST)][: rng.randint(1, 3)]
    commits = [
        commit(
            f"{seed}-{at}",
            repositories=(rng.choice("ab"),),
            subject="x" * rng.randint(0, 90),
        )
        for at in range(few)
    ]
    bases = [
        local_image(f"localbase{seed}{at}", f"base/{'w' * rng.randint(1, 40)}:{at}")
        for at in range(2)
    ]
    locals_ = [
        local_image(
            f"local{seed}-{at}",
            *(f"very/long/name-{at}:{'t' * rng.randint(1, 60)}",) * rng.randint(0, 1),
        )
        for at in range(few)
    ]
    images: list[EcrImage] = []
    links: list[Link] = []
    for at in range(2 * few):
        account, region = rng.choice(places)
        home = f"team/{rng.randint(0, few // 2)}"
        tag = "W" * rng.randint(0, 50)
        made = ecr_image(f"{seed}-{at}", tag, repository=home, account=account, region=region)
        images.append(made)
        links.append(link(made.id, made.repository_id, Relation.STORED_IN))
        roll = rng.random()
        if roll < 0.5:
            links.append(link(made.id, rng.choice(locals_).id, Relation.COPY_OF))
        elif roll < 0.9:
            links.append(
                link(made.id, rng.choice(commits).id, Relation.BUILT_FROM, rng.choice(list(Grade)))
            )
        if rng.random() < 0.3:
            links.append(link(made.id, rng.choice(bases).id, Relation.BASED_ON))
    for image in locals_:
        if rng.random() < 0.7:
            links.append(link(image.id, rng.choice(commits).id, Relation.BUILT_FROM, Grade.STRONG))
    account, region = places[0]
    index = ecr_image(
        f"{seed}-index",
        "multi",
        type=ImageType.INDEX,
        repository=images[0].repository,
        account=account,
        region=region,
    )
    inside = [image for image in images if image.repository_id == index.repository_id][:3]
    images.append(index)
    links += [link(index.id, image.id, Relation.CONTAINS) for image in inside]
    functions, versions, aliases, roles = (
        [],
        [],
        [],
        [role(f"r{n}", account=a) for a in (PROD, DATA) for n in range(max(1, few // 3))],
    )
    for at in range(few):
        account, region = rng.choice(places)
        runs = function(
            f"fn-{at}-{'n' * rng.randint(0, 50)}",
            f"{seed}-{at}",
            tag=None,
            invocations=None,
            role="r",
            account=account,
            region=region,
        )
        functions.append(runs)
        links.append(link(runs.id, rng.choice(images).id, Relation.RUNS))
        links.append(
            link(
                runs.id, rng.choice([r for r in roles if r.account == account]).id, Relation.ASSUMES
            )
        )
        if rng.random() < 0.2:
            links.append(link(runs.id, rng.choice(images).id, Relation.FOLLOWS))
        for number in range(1, rng.randint(1, 4)):
            frozen = version(
                str(number),
                runs.name,
                f"{seed}-{at}",
                account=account,
                region=region,
                invocations=None,
            )
            versions.append(frozen)
            links.append(link(frozen.id, runs.id, Relation.PART_OF))
            links.append(link(frozen.id, rng.choice(images).id, Relation.RUNS))
            named = alias(f"live{number}", str(number), runs.name, account=account, region=region)
            aliases.append(named)
            links.append(link(named.id, frozen.id, Relation.ROUTES_TO))
            links.append(link(named.id, runs.id, Relation.PART_OF))
    whole = inventory(
        *commits,
        *bases,
        *locals_,
        ecr_repository("empty/" + "e" * 70),
        *images,
        *functions,
        *versions,
        *aliases,
        *roles,
        scope=scope(*places, git=("a", "b"), engine=""),
    )
    graph = graphs.build(whole, links)
    ids = sorted(graph)
    states = {
        resource: tuple(rng.sample(WORDS, rng.randint(1, 3)))
        for resource in rng.sample(ids, len(ids) // 3)
    }
    return graph, told(states)

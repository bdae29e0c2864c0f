"""Random estates for the picture: any kind may touch any that it can touch in the world."""

from __future__ import annotations

from random import Random

from jotgraph import graph as graphs
from jotgraph.graph import ResourceGraph
from jotgraph.links import Grade, Link, Relation
from jotgraph.records import (
    Alias,
    EcrImage,
    EcrRepository,
    ImageType,
    Inventory,
    Role,
    Scope,
)
from tests.estates import asked
from tests.render.estate import (
    DATA,
    EAST,
    NOW,
    PROD,
    WEST,
    Told,
    commit,
    function,
    image,
    link,
    local,
    told,
    version,
)

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
        commit(rng.choice("ab"), f"{seed}-{at}", "x" * rng.randint(0, 90)) for at in range(few)
    ]
    bases = [local(f"base{seed}{at}", f"base/{'w' * rng.randint(1, 40)}:{at}") for at in range(2)]
    locals_ = [
        local(
            f"{seed}-{at}",
            *(f"very/long/name-{at}:{'t' * rng.randint(1, 60)}",) * rng.randint(0, 1),
        )
        for at in range(few)
    ]
    images: list[EcrImage] = []
    links: list[Link] = []
    for at in range(2 * few):
        account, region = rng.choice(places)
        made = image(
            account,
            region,
            f"team/{rng.randint(0, few // 2)}",
            f"{seed}-{at}",
            "W" * rng.randint(0, 50),
        )
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
    for each in locals_:
        if rng.random() < 0.7:
            links.append(link(each.id, rng.choice(commits).id, Relation.BUILT_FROM, Grade.STRONG))
    index = image(*places[0], images[0].repository, f"{seed}-index", "multi")
    inside = [each for each in images if each.repository_id == index.repository_id][:3]
    images.append(
        EcrImage(
            **{name: getattr(index, name) for name in index.__struct_fields__}
            | {"type": ImageType.INDEX}
        )
    )
    links += [link(index.id, each.id, Relation.CONTAINS) for each in inside]
    functions, versions, aliases, roles = (
        [],
        [],
        [],
        [Role(account=a, name=f"r{n}") for a in (PROD, DATA) for n in range(max(1, few // 3))],
    )
    for at in range(few):
        account, region = rng.choice(places)
        runs = function(account, region, f"fn-{at}-{'n' * rng.randint(0, 50)}", f"{seed}-{at}", "r")
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
            frozen = version(account, region, runs.name, str(number), f"{seed}-{at}")
            versions.append(frozen)
            links.append(link(frozen.id, runs.id, Relation.PART_OF))
            links.append(link(frozen.id, rng.choice(images).id, Relation.RUNS))
            alias = Alias(
                account=account,
                region=region,
                function_name=runs.name,
                name=f"live{number}",
                version=str(number),
            )
            aliases.append(alias)
            links.append(link(alias.id, frozen.id, Relation.ROUTES_TO))
            links.append(link(alias.id, runs.id, Relation.PART_OF))
    inventory = Inventory(
        taken_at=NOW,
        scope=Scope(
            accounts=(PROD, DATA),
            places=tuple(places),
            git=("a", "b"),
            coverage=asked(*places),
        ),
        commits=tuple(commits),
        local_images=(*bases, *locals_),
        ecr_repositories=(EcrRepository(account=PROD, region=WEST, name="empty/" + "e" * 70),),
        ecr_images=tuple(images),
        functions=tuple(functions),
        versions=tuple(versions),
        aliases=tuple(aliases),
        roles=tuple(roles),
    )
    graph = graphs.build(inventory, links)
    ids = sorted(graph)
    states = {
        each: tuple(rng.sample(WORDS, rng.randint(1, 3))) for each in rng.sample(ids, len(ids) // 3)
    }
    return graph, told(states)

"""Pages for the tests: the shop, and the same as a file."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec

from jotgraph import graph as graphs
from jotgraph import views
from jotgraph.graph import ResourceGraph
from jotgraph.links import Relation
from jotgraph.render import html
from jotgraph.render.picture.drawing.view import PictureOptions
from tests.factories import (
    commit,
    ecr_image,
    function,
    git_repository,
    inventory,
    local_image,
    role,
    scope,
    version,
)
from tests.render.estate import EAST, PROD, link, shop, shop_graph
from tests.render.hostile import HOSTILE

CHECKOUT = f"function:{PROD}/eu-west-1/checkout-api"


def shop_page(folder: Path, **options: object) -> Path:
    graph, states = shop_graph()
    path = folder / "shop.html"
    path.write_text(html.render(graph, page_options(graph, findings=states, **options)), "utf-8")
    return path


def page_options(graph: ResourceGraph, **options: object) -> PictureOptions:
    """What the queries say of a graph, but for its findings, which are those given."""
    return msgspec.structs.replace(views.options(graph, page=True), **{"findings": {}, **options})


def shuffled(seed: int) -> ResourceGraph:
    """The shop, read in another order."""
    inventory, links, _ = shop()
    dice = random.Random(seed)
    changed = {
        name: tuple(dice.sample(found, len(found)))
        for name in inventory.__struct_fields__
        if isinstance(found := getattr(inventory, name), tuple)
    }
    return graphs.build(
        msgspec.structs.replace(inventory, **changed), dice.sample(links, len(links))
    )


def hostile() -> ResourceGraph:
    """Every name, tag, label, subject and description is an attack or a nuisance."""
    images = []
    for number, text in enumerate(HOSTILE):
        made = ecr_image(text, text, text + "2", repository=f"r{number}", region=EAST)
        labels = tuple(sorted((text, text) for text in HOSTILE))
        images.append(msgspec.structs.replace(made, labels=labels, config_read=True))
    commits = tuple(commit(text, subject=text, repositories=(text,)) for text in HOSTILE)
    locals_ = tuple(local_image("local" + text, text) for text in HOSTILE)
    functions = tuple(
        function(
            text,
            text,
            tag=None,
            invocations=None,
            role=text,
            region=EAST,
            description=text,
        )
        for text in HOSTILE
    )
    versions = tuple(version(1, text, text, region=EAST, invocations=None) for text in HOSTILE)
    roles = tuple(role(text, trust=text) for text in HOSTILE)
    links = []
    for n in range(len(HOSTILE)):
        links += [
            link(images[n].id, locals_[n].id, Relation.COPY_OF),
            link(locals_[n].id, commits[n].id, Relation.BUILT_FROM),
            link(functions[n].id, images[n].id, Relation.RUNS),
            link(versions[n].id, images[n].id, Relation.RUNS),
            link(versions[n].id, functions[n].id, Relation.PART_OF),
            link(functions[n].id, roles[n].id, Relation.ASSUMES),
        ]
    whole = inventory(
        *(git_repository(key=text, remote=text) for text in HOSTILE),
        *commits,
        *locals_,
        *images,
        *functions,
        *versions,
        *roles,
        scope=scope((PROD, EAST), git=HOSTILE[:2], engine=HOSTILE[0]),
    )
    return graphs.build(whole, links)

"""An estate whose every name, tag and label comes from somebody who means ill."""

from __future__ import annotations

from jotgraph import graph as graphs
from jotgraph.graph import ResourceGraph
from jotgraph.links import Relation
from jotgraph.records import GitRepository, Inventory, Role, Scope
from tests.render.estate import EAST, NOW, PROD, commit, function, image, link, local

HOSTILE = (
    "</text></svg><script>alert(1)</script>",
    '"];evil [label="x"',
    "'\"><img src=x onerror=alert(1)>",
    "back\\slash\\N\\G\\",
    "line\nbreak\r\ttab\x00null\x1b[31m",
    "\u202edrow\u2066\u200f",
    "]]>--><!--",
    "n" * 300,
    "日本語の名前" * 20,
    "javascript:alert(1)",
    "end]:::x click n0 href",
)


def hostile() -> ResourceGraph:
    """One chain from commit to role for each of ``HOSTILE``."""
    images = tuple(image(PROD, EAST, f"r{n}", text, text) for n, text in enumerate(HOSTILE))
    locals_ = tuple(local(text, text) for text in HOSTILE)
    commits = tuple(commit(text, text, text) for text in HOSTILE)
    functions = tuple(function(PROD, EAST, text, text, text) for text in HOSTILE)
    roles = tuple(Role(account=PROD, name=text) for text in HOSTILE)
    links = []
    for n in range(len(HOSTILE)):
        links.append(link(images[n].id, locals_[n].id, Relation.COPY_OF))
        links.append(link(locals_[n].id, commits[n].id, Relation.BUILT_FROM))
        links.append(link(functions[n].id, images[n].id, Relation.RUNS))
        links.append(link(functions[n].id, roles[n].id, Relation.ASSUMES))
    inventory = Inventory(
        taken_at=NOW,
        scope=Scope(places=((PROD, EAST),), git=HOSTILE[:2], engine=HOSTILE[0]),
        git=tuple(GitRepository(key=text, remotes=(text,)) for text in HOSTILE),
        commits=commits,
        local_images=locals_,
        ecr_images=images,
        functions=functions,
        roles=roles,
    )
    return graphs.build(inventory, links)

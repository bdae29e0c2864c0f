"""An estate whose every name, tag and label comes from somebody who means ill."""

from __future__ import annotations

from jotgraph import graph as graphs
from jotgraph.graph import ResourceGraph
from jotgraph.links import Relation
from tests.factories import (
    commit,
    ecr_image,
    function,
    git_repository,
    inventory,
    local_image,
    role,
    scope,
)
from tests.render.estate import EAST, PROD, link

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
    images = tuple(
        ecr_image(text, text, repository=f"r{n}", region=EAST) for n, text in enumerate(HOSTILE)
    )
    locals_ = tuple(local_image("local" + text, text) for text in HOSTILE)
    commits = tuple(commit(text, subject=text, repositories=(text,)) for text in HOSTILE)
    functions = tuple(
        function(text, text, tag=None, invocations=None, role=text, region=EAST) for text in HOSTILE
    )
    roles = tuple(role(text) for text in HOSTILE)
    links = []
    for n in range(len(HOSTILE)):
        links.append(link(images[n].id, locals_[n].id, Relation.COPY_OF))
        links.append(link(locals_[n].id, commits[n].id, Relation.BUILT_FROM))
        links.append(link(functions[n].id, images[n].id, Relation.RUNS))
        links.append(link(functions[n].id, roles[n].id, Relation.ASSUMES))
    whole = inventory(
        *(git_repository(key=text, remote=text) for text in HOSTILE),
        *commits,
        *locals_,
        *images,
        *functions,
        *roles,
        scope=scope((PROD, EAST), git=HOSTILE[:2], engine=HOSTILE[0]),
    )
    return graphs.build(whole, links)

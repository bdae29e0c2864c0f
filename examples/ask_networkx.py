"""A question of your own: the graph is a networkx.DiGraph, so ask it with networkx.
``python examples/ask_networkx.py INVENTORY``

Every edge reads dependent -> dependency. So what would fail without a thing is its ancestors, and
functions that must be deployed with care together are those with much in common.
"""

from __future__ import annotations

import sys
from itertools import combinations

import networkx as nx

import jotgraph
from jotgraph.graph import of_kind


def main() -> None:
    graph = jotgraph.build(jotgraph.load(sys.argv[1]))
    functions = set(of_kind(graph, jotgraph.Kind.FUNCTION))

    # 1. the blast radius: how many functions hang on one role or one image
    shared = of_kind(graph, jotgraph.Kind.ROLE, jotgraph.Kind.ECR_IMAGE)
    radius = {resource: len(functions & nx.ancestors(graph, resource)) for resource in shared}
    for resource in sorted(shared, key=lambda resource: (-radius[resource], resource))[:5]:
        print(f"{radius[resource]} functions need {resource}")

    # 2. islands: parts of the estate that share nothing with the rest
    islands = sorted(map(len, nx.weakly_connected_components(graph)), reverse=True)
    print(f"{len(islands)} islands, the largest of {islands[0]} resources")

    # 3. twins: functions that need almost the same things
    needs = {function: nx.descendants(graph, function) for function in functions}
    for first, second in combinations(sorted(functions), 2):
        both, either = needs[first] & needs[second], needs[first] | needs[second]
        if either and len(both) / len(either) > 0.5:
            print(f"{len(both) / len(either):.0%} in common: {first}, {second}")


if __name__ == "__main__":
    main()

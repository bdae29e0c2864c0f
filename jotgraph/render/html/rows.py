"""The list of deployments beside the graph: its rows and their number."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from jotgraph.queries.answers.jots import Jot, counts
from jotgraph.records import ResourceId, commit_id, function_id, version_id
from jotgraph.records.ids import short
from jotgraph.render import words
from jotgraph.render.answers.envelope import Json
from jotgraph.render.answers.labels import standing_rank
from jotgraph.render.picture.drawing.model import State
from jotgraph.render.picture.drawing.states import states_of
from jotgraph.render.picture.drawing.view import PictureOptions


def rows(asked: PictureOptions, nodes: Mapping[ResourceId, int]) -> list[Json]:
    """Return a row for each deployment of every version, and for unused images; ``nodes`` are the
    numbers of what is shown."""
    counted = frozenset((jot.id, _image(jot)) for jot in asked.deployed)
    return [_jot(jot, nodes, counted) for jot in asked.jots if jot.id in nodes]


def tally(asked: PictureOptions, nodes: Mapping[ResourceId, int]) -> list[Json]:
    """Return the numbers of deployments, functions, workloads, images and commits, counted as in
    every view."""
    deployed = (jot for jot in asked.deployed if jot.id in nodes)
    return [[number, noun] for noun, number in counts(deployed)]


def _image(jot: Jot) -> str:
    """An image with its id, which distinguishes rows: a workload has one for each image."""
    return jot.image.id if jot.image else ""


def _jot(
    jot: Jot, nodes: Mapping[ResourceId, int], counted: Collection[tuple[ResourceId, str]]
) -> dict[str, Json]:
    commit = jot.commit
    standing = commit.standing
    place = jot.account, jot.region, jot.function
    tags = jot.image.tags if jot.image else ()
    shown = dict.fromkeys((commit.commit, *commit.commits[:3]))
    commits: list[Json] = [
        [words.clean(short(sha), 12), nodes.get(commit_id(sha), -1)] for sha in shown if sha
    ]
    every = (
        [jot.id]
        if jot.service
        else [
            function_id(*place) if qualifier == "$LATEST" else version_id(*place, qualifier)
            for qualifier in jot.qualifiers
        ]
    )
    return {
        "x": nodes[jot.id],
        "f": words.clean(f"{jot.service} {jot.function}".strip(), 120),
        "q": [words.clean(qualifier, 20) for qualifier in jot.qualifiers or ("$LATEST",)],
        "e": [nodes[resource] for resource in every if resource in nodes],
        "w": [[words.clean(route.alias, 60), route.share] for route in jot.routes],
        "c": commits[:3],
        "n": commit.more + 1 if commit.commit else 0,
        "u": words.clean(commit.subject, 120),
        "st": words.clean(standing.words(unknown="lag unknown"), 60),
        "sr": standing_rank(standing),
        "b": standing.behind,
        "d": int((jot.id, _image(jot)) in counted),
        "im": nodes.get(jot.image.id, -1) if jot.image else -1,
        "tag": words.clean(jot.deployed_tag or ", ".join(tags[:2]), 80),
        "lo": [nodes[image] for image in jot.local_images if image in nodes],
        "ro": nodes.get(jot.role, -1) if jot.role else -1,
        "s": labels(states_of(jot.findings)),
    }


def labels(states: Iterable[State]) -> list[Json]:
    """Return rank and word of each label, and the word without details where it differs."""
    return [
        [
            state.rank,
            words.clean(state.word, 40),
            *([words.clean(state.label, 40)] if state.label else []),
        ]
        for state in states
    ]

"""What a dirty work tree changes of the files that a build copies: edits, swaps, conversions."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.content.images import Content

Files = dict[str, Content]
Layers = list[Files]
Change = Callable[[Layers, random.Random], None]
"""Changes the files, by path, of one or some of several layers (or directories)."""


def text(data: Content) -> bytes:
    return data if isinstance(data, bytes) else b"a link\n"


def edit(layers: Layers, rng: random.Random) -> None:
    number, path = _any(layers, rng)
    layers[number][path] = text(layers[number][path]) + b"# not committed\n"


def trail(layers: Layers, rng: random.Random) -> None:
    number, path = _any(layers, rng)
    layers[number][path] = text(layers[number][path]) + b" "


def edit_a_directory(layers: Layers, rng: random.Random) -> None:
    number, path = _any(layers, rng)
    folder = path.rpartition("/")[0]
    for sibling in layers[number]:
        if sibling.rpartition("/")[0] == folder:
            layers[number][sibling] = text(layers[number][sibling]) + b"# not committed\n"


def edit_all_but_a_directory(layers: Layers, rng: random.Random) -> None:
    _, path = _any(layers, rng)
    folder = path.rpartition("/")[0]
    for files in layers:
        for stranger in files:
            if stranger.rpartition("/")[0] != folder:
                files[stranger] = text(files[stranger]) + b"# not committed\n"


def edit_a_layer(layers: Layers, rng: random.Random) -> None:
    files = rng.choice(layers)
    for path in files:
        files[path] = text(files[path]) + b"# not committed\n"


def swap(layers: Layers, rng: random.Random) -> None:
    """Two files of one layer take each other's place, where two of them differ."""
    number, path = _any(layers, rng)
    files = layers[number]
    unlike = [candidate for candidate in sorted(files) if files[candidate] != files[path]]
    if unlike:
        second = rng.choice(unlike)
        files[path], files[second] = files[second], files[path]


def convert(layers: Layers, rng: random.Random) -> None:
    number, path = _any(layers, rng)
    layers[number][path] = text(layers[number][path]).replace(b"\n", b"\r\n")


def convert_in_part(layers: Layers, rng: random.Random) -> None:
    number, path = _any(layers, rng)
    layers[number][path] = text(layers[number][path]).replace(b"\n", b"\r\n", 1)


def link(layers: Layers, rng: random.Random) -> None:
    number, path = _any(layers, rng)
    layers[number][path] = ("link", "elsewhere.py")


def delete(layers: Layers, rng: random.Random) -> None:
    number, path = _any(layers, rng)
    del layers[number][path]


def add(layers: Layers, rng: random.Random) -> None:
    number, path = _any(layers, rng)
    layers[number][f"{path.rpartition('/')[0]}/notes.txt"] = b"of no commit at all\n"


def add_empty(layers: Layers, rng: random.Random) -> None:
    number, path = _any(layers, rng)
    layers[number][f"{path.rpartition('/')[0]}/empty.txt"] = b""


def rename(layers: Layers, rng: random.Random) -> None:
    number, path = _any(layers, rng)
    layers[number][f"{path}.moved"] = layers[number].pop(path)


def _any(layers: Layers, rng: random.Random) -> tuple[int, str]:
    return rng.choice(
        [(number, path) for number, files in enumerate(layers) for path in sorted(files)]
    )


CHANGES: tuple[Change, ...] = (
    edit, trail, edit_a_directory, edit_all_but_a_directory, edit_a_layer, swap, convert,
    convert_in_part, link, delete, add, add_empty, rename,
)  # fmt: skip

"""What images that are read back have in common is held once, and nothing is another for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from jotgraph.records import Inventory
from jotgraph.scale.dataset.places import dataset
from jotgraph.scale.dataset.reading import load as load_dataset
from jotgraph.scale.dataset.writing import write
from jotgraph.store import load, save
from tests.factories import ecr_image, inventory, layer


def _from_a_file(saved: Inventory, folder: Path) -> Inventory:
    save(saved, folder / "inventory.jsonl")
    return load(folder / "inventory.jsonl")


def _from_a_dataset(saved: Inventory, folder: Path) -> Inventory:
    write(saved, dataset(str(folder)))
    return load_dataset(str(folder))


@pytest.mark.parametrize("read_back", [_from_a_file, _from_a_dataset])
def test_equal_layers_digests_and_names_are_one_object_and_others_stay_as_they_are(
    tmp_path: Path, read_back: Callable[[Inventory, Path], Inventory]
) -> None:
    base, top = layer(1, 10), layer(2, 20)
    heavier = replace(base, size=base.size + 1)  # of no honest registry, and another layer still
    saved = inventory(
        ecr_image(1, repository="shop", layers=(base, top), diff_ids=("sha256:a", "sha256:b")),
        ecr_image(2, repository="shop", layers=(base, heavier), diff_ids=("sha256:a",)),
        ecr_image(3, repository="other", layers=(top,), labels={"team": "a"}),
    )
    read = read_back(saved, tmp_path)
    assert read == saved
    images = {image.digest: image for image in read.ecr_images}
    one, two, three = (images[image.digest] for image in saved.ecr_images)
    assert one.layers[0] is two.layers[0]
    assert one.layers[1] is three.layers[0]
    assert two.layers[1] == heavier
    assert one.diff_ids[0] is two.diff_ids[0]
    assert one.repository is two.repository
    assert three.labels == (("team", "a"),)

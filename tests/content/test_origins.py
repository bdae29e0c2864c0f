"""ECR's layers through the embedded AWS, and what the engine's history says."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

import jotgraph.clients
from jotgraph.clients import Clients
from jotgraph.content.engine import content_of
from jotgraph.content.image.bounded_stream import LayerError
from jotgraph.content.inventory import with_content
from jotgraph.content.named import source_of
from jotgraph.content.origins import history, of_ecr
from jotgraph.errors import SourceError, UnknownNameError
from jotgraph.records import ContentVerdict, ecr_image_id
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources import ScanOptions, collect
from tests.content.images import digest, layer, saved
from tests.factories import ecr_image
from tests.rig.file_sandbox import _sandbox as _sandbox
from tests.rig.file_sandbox import aws as aws
from tests.rig.git import Repository, new_repository
from tests.rig.wire import connect_by_wire
from tests.sources.test_docker import recorded

MODULES = {f"m{n}.py": f"value = {n}\n" * 20 for n in range(3)}


@pytest.fixture
def aws_environment(aws_environment: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The embedded AWS in the environment, called without sockets."""
    connect_by_wire(aws_environment, {}, monkeypatch)
    return aws_environment


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    repository = new_repository(tmp_path_factory.mktemp("shop") / "shop")
    repository.commit({f"src/{name}": text for name, text in MODULES.items()})
    return repository


def _pushed(aws: Sandbox) -> str:
    """An index over an image of the repository's files and an attestation; the image's digest."""
    base = layer({"lib/libc.so": b"\x7fELF" * 50})
    own = layer({f"var/task/{name}": text.encode() for name, text in MODULES.items()})
    steps = ["RUN apt-get install # buildkit", "COPY src /var/task # buildkit"]
    config = {
        "architecture": "amd64",
        "rootfs": {"type": "layers", "diff_ids": [digest(base), digest(own)]},
        "history": [{"created_by": step} for step in steps],
    }
    seed.repository(aws, "shop")
    packed = [gzip.compress(base, mtime=0), gzip.compress(own, mtime=0)]
    made = seed.image(aws, "shop", "one", config=json.dumps(config).encode(), layers=packed)
    statement = seed.image(aws, "shop", config=b"attestation")
    seed.index(aws, "shop", {made: "linux/amd64"}, "v1", attests={statement: made})
    return made


def test_an_address_in_ecr(aws: Sandbox, shop: Repository, tmp_path: Path) -> None:
    made = _pushed(aws)
    address = seed.uri(aws, "shop")

    def engine() -> object:
        raise AssertionError("the engine was asked")

    for name in (f"{address}:v1", f"{address}@{made}"):
        named = source_of(name, engine, lambda region: aws.client("ecr", region))
        assert named[0] == ecr_image_id(aws.account, aws.region, "shop", made)
        content = content_of([named], [("shop", shop.path)], tmp_path / "cache")
        assert content.gaps == ()
        (match,) = content.matches
        assert (match.verdict, match.commits) == (ContentVerdict.EXACT, (shop.head,))
        assert (match.layers_read, match.layers_left) == (1, 1)
    with pytest.raises(UnknownNameError):
        source_of(f"{address}:absent", engine, lambda region: aws.client("ecr", region))
    foreign = seed.uri(aws, "other:v1")
    with pytest.raises(UnknownNameError, match="there is no repository other in "):
        source_of(foreign, engine, lambda region: aws.client("ecr", region))
    aws.faults.deny("ecr", "BatchGetImage")
    with pytest.raises(SourceError, match=r"shop:v1: AccessDeniedException.*allow the action"):
        source_of(f"{address}:v1", engine, lambda region: aws.client("ecr", region))


def test_layers_that_may_not_be_fetched_are_a_gap_with_advice(
    aws: Sandbox, shop: Repository, tmp_path: Path
) -> None:
    _pushed(aws)
    ecr = aws.client("ecr", aws.region)
    named = source_of(seed.uri(aws, "shop:v1"), lambda: None, lambda region: ecr)
    aws.faults.deny("ecr", "GetDownloadUrlForLayer")
    content = content_of([named], [("shop", shop.path)], tmp_path / "cache")
    (gap,) = content.gaps
    assert (content.matches, gap.reason) == ((), "denied")
    assert gap.detail.startswith("AccessDeniedException: ")
    assert gap.detail.endswith("; allow the action (jotgraph policy scan prints the policy)")


def test_a_scan_reads_what_ecr_holds(
    aws_environment: Sandbox, shop: Repository, tmp_path: Path
) -> None:
    made = _pushed(aws_environment)
    seed.function(aws_environment, "checkout", "shop:one")
    clients = jotgraph.clients.connect(git=[str(shop.path)], use_docker=False, rates={})
    inventory = collect(ScanOptions(cache=tmp_path / "scan"), clients)
    matched = with_content(inventory, clients, cache=tmp_path / "cache")
    image = ecr_image_id(aws_environment.account, aws_environment.region, "shop", made)
    assert [(m.resource, m.verdict, m.commits) for m in matched.content] == [
        (image, ContentVerdict.EXACT, (shop.head,))
    ]
    assert matched.scope.content
    assert matched.gaps == inventory.gaps


def test_what_nothing_runs_is_left_out_and_said_once(
    aws_environment: Sandbox, shop: Repository, tmp_path: Path
) -> None:
    seed.repository(aws_environment, "idle")
    for number in range(5):
        seed.image(aws_environment, "idle", f"v{number}", config=b'{"n": %d}' % number)
    clients = jotgraph.clients.connect(git=[str(shop.path)], use_docker=False, rates={})
    inventory = collect(ScanOptions(cache=tmp_path / "scan"), clients)
    matched = with_content(inventory, clients, cache=tmp_path / "cache")
    assert matched.content == ()
    (gap,) = set(matched.gaps) - set(inventory.gaps)
    assert (gap.resource, gap.reason, gap.hides) == ("idle", "left-out", ())
    assert gap.detail == "layers of 5 images of idle that nothing runs"


def test_an_image_whose_manifest_was_not_read() -> None:
    image = ecr_image(manifest_read=False)
    with pytest.raises(LayerError, match="manifest"):
        of_ecr(None, image)


@pytest.mark.parametrize(
    ("lines", "count", "copied"),
    [
        ([("/bin/sh -c #(nop) COPY dir:ab in /x ", 9), ("/bin/sh -c #(nop)  CMD [a]", 0)], 1, [0]),
        ([("WORKDIR /x", 0), ("COPY a b # buildkit", 9)], 2, [0, 1]),
        ([("WORKDIR /x", 0), ("COPY a b # buildkit", 9)], 1, [1]),
        ([("COPY a b # buildkit", 9)], 3, []),
    ],
)
def test_which_lines_of_history_made_layers(
    lines: list[tuple[str, int | None]], count: int, copied: list[int]
) -> None:
    steps = history(lines, count)
    assert [n for n, line in enumerate(steps) if not line["empty_layer"]] == copied


def test_a_saved_image_tells_its_configuration_in_a_containerd_store(
    shop: Repository, tmp_path: Path
) -> None:
    """There the engine's id is the manifest's digest, and its API tells no other."""
    own = layer({f"var/task/{name}": text.encode() for name, text in MODULES.items()})
    image = "sha256:" + "1" * 64
    archive = saved([own], ["COPY src /var/task # buildkit"], oci=True)
    answers = {
        "/info": {"Name": "new", "DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]},
        "/images/json": [{"Id": image, "Size": 5, "Created": 1}],
        f"/images/{image}/json": {"Id": image, "RootFS": {"Layers": [digest(own)]}},
        f"/images/{image}/history": [{"CreatedBy": "COPY src /var/task # buildkit", "Size": 9}],
        f"/images/{image}/get": archive,
        "/containers/json": [],
    }
    with recorded(answers) as client:
        clients = Clients(git=(str(shop.path),), docker=client)
        inventory = collect(ScanOptions(cache=tmp_path / "scan"), clients)
        matched = with_content(inventory, clients, cache=tmp_path / "cache")
        again = with_content(inventory, clients, cache=tmp_path / "cache")
    assert [image.config_digest for image in inventory.local_images] == [None]
    (read,) = matched.local_images
    assert read.config_digest == config_of(archive)
    assert [(m.verdict, m.commits) for m in matched.content] == [
        (ContentVerdict.EXACT, (shop.head,))
    ]
    assert again.local_images == matched.local_images


def config_of(archive: bytes) -> str:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        manifest = tar.extractfile("manifest.json")
        assert manifest is not None
        return "sha256:" + str(json.load(manifest)[0]["Config"]).rpartition("/")[2]

"""Files of --used-by: what each form says, and what is refused."""

from __future__ import annotations

import io
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jotgraph.errors import OptionError, SourceError
from jotgraph.graph import build
from jotgraph.links import workloads
from jotgraph.queries.orphans import orphans
from jotgraph.records import Kind, WorkloadState, is_id
from jotgraph.sources.used_by import read_all, read_used_by, with_used_by
from tests.factories import HOST, digest, ecr_image, inventory, scope, used_by_file
from tests.links.found import found

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHOP = f"{HOST}/shop:v1"


def pod(name: str, image_id: str, **status: Any) -> dict[str, Any]:
    return {
        "kind": "Pod",
        "metadata": {"namespace": "prod", "name": name},
        "spec": {"containers": [{"name": "app", "image": SHOP}]},
        "status": {"containerStatuses": [{"imageID": image_id}], **status},
    }


def template(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    containers = {"spec": {"containers": [{"image": SHOP}]}}
    inner = {"template": containers, **spec}
    return {
        "kind": kind,
        "metadata": {"namespace": "prod", "name": name},
        "spec": {"jobTemplate": {"spec": inner}} if kind == "CronJob" else inner,
    }


def listing(*items: object) -> str:
    return json.dumps({"kind": "List", "metadata": {"resourceVersion": ""}, "items": items})


def write(folder: Path, text: str | bytes, name: str = "used.json", hours: float = 1) -> str:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    when = (NOW - timedelta(hours=hours)).timestamp()
    os.utime(path, (when, when))
    return str(path)


def said(folder: Path, text: str) -> list[tuple[str, str, list[tuple[str, str]]]]:
    read = read_used_by(write(folder, text), NOW)
    return [
        (workload.id, workload.state.value, [(used.image, used.digest) for used in workload.images])
        for workload in read.workloads
    ]


def at(name: str) -> str:
    return f"workload:elsewhere/used.json/{name}"


def test_a_list_of_kubectl(tmp_path: Path) -> None:
    """Containerd and dockershim write the digest in their own ways; Docker alone the image's id."""
    items = (
        pod("containerd", f"{HOST}/shop@{digest(1)}"),
        pod("docker", f"docker-pullable://{HOST}/shop@{digest(2)}"),
        pod("id", f"docker://{digest(3)}"),
        pod("pending", ""),
        pod("done", f"{HOST}/shop@{digest(4)}", phase="Succeeded"),
        template("Deployment", "web", replicas=2),
        template("StatefulSet", "asleep", replicas=0),
        template("CronJob", "nightly"),
        {"kind": "Service", "metadata": {"name": "web"}, "spec": {}},
    )
    assert said(tmp_path, listing(*items)) == [
        (at("kubernetes/cronjob/prod/nightly"), "running", [(SHOP, "")]),
        (at("kubernetes/deployment/prod/web"), "running", [(SHOP, "")]),
        (
            at("kubernetes/pod/prod/containerd"),
            "running",
            [(f"{HOST}/shop", digest(1)), (SHOP, "")],
        ),
        (at("kubernetes/pod/prod/docker"), "running", [(f"{HOST}/shop", digest(2)), (SHOP, "")]),
        (at("kubernetes/pod/prod/done"), "active", [(f"{HOST}/shop", digest(4)), (SHOP, "")]),
        (at("kubernetes/pod/prod/id"), "running", [(SHOP, ""), (digest(3), "")]),
        (at("kubernetes/pod/prod/pending"), "running", [(SHOP, "")]),
        (at("kubernetes/statefulset/prod/asleep"), "active", [(SHOP, "")]),
    ]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([SHOP, f"{HOST}/shop@{digest(1)}", SHOP]),
        f"# what the laptops run\n{SHOP}\n\n  {HOST}/shop@{digest(1)}  # pinned\n",
        f"\ufeff{SHOP}\r\n{HOST}/shop@{digest(1)}\r\n",
    ],
)
def test_a_list_of_references(tmp_path: Path, text: str) -> None:
    pinned = f"{HOST}/shop@{digest(1)}"
    assert said(tmp_path, text) == [
        (at(f"list/image/{SHOP}"), "running", [(SHOP, "")]),
        (at(f"list/image/{pinned}"), "running", [(pinned, "")]),
    ]


def test_kinds_that_kubernetes_does_not_know_name_images_of_ecr(tmp_path: Path) -> None:
    """They have no pod while they are scaled to zero."""
    step = {"name": "build", "container": {"image": f"{HOST}/shop:v2", "command": ["make"]}}
    items = (
        template("Rollout", "web", replicas=3),
        template("Rollout", "asleep", replicas=0),
        template("Service", "knative"),
        {"kind": "Workflow", "metadata": {"name": "ci"}, "spec": {"templates": [step]}},
        {"kind": "Service", "metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}},
        {"kind": "Deployment2", "metadata": {"name": "hub"}, "spec": {"image": "redis:7"}},
    )
    assert said(tmp_path, listing(*items)) == [
        (at("kubernetes/rollout/prod/asleep"), "active", [(SHOP, "")]),
        (at("kubernetes/rollout/prod/web"), "running", [(SHOP, "")]),
        (at("kubernetes/service/prod/knative"), "running", [(SHOP, "")]),
        (at("kubernetes/workflow/ci"), "running", [(f"{HOST}/shop:v2", "")]),
    ]


def test_what_texts_of_an_object_name_is_kept(tmp_path: Path) -> None:
    """An operator starts the image of a variable, a pod mounts an image as a volume, and a chart
    names its own in parts: no container has them."""
    runner, tools, model = (f"{HOST}/{name}:v7" for name in ("runner", "tools", "model"))
    operator = template("Deployment", "operator")
    operator["spec"]["template"]["spec"] |= {
        "containers": [
            {
                "image": SHOP,
                "env": [{"name": "RUNNER_IMAGE", "value": runner}],
                "args": [f"--tools={tools}", "--level=info"],
            }
        ],
        "volumes": [{"name": "model", "image": {"reference": model}}],
    }
    chart = {
        "kind": "HelmRelease",
        "metadata": {"name": "chart"},
        "spec": {
            "values": {
                "image": {"repository": f"{HOST}/web", "tag": 7},
                "sidecar": {"registry": HOST, "repository": "side", "digest": digest(8)},
                "other": {"repository": "redis", "tag": "7"},
            }
        },
    }
    settings = {"kind": "ConfigMap", "metadata": {"name": "ci"}, "data": {"x": f"image: {runner}"}}
    nodes = {"kind": "Node", "metadata": {"name": "n"}, "status": {"images": [{"names": [SHOP]}]}}
    read = read_used_by(write(tmp_path, listing(operator, chart, settings, nodes)), NOW)
    assert [
        (workload.id, [used.image for used in workload.images], list(workload.mentions))
        for workload in read.workloads
    ] == [
        (at("kubernetes/configmap/ci"), [], [runner]),
        (at("kubernetes/deployment/prod/operator"), [SHOP], sorted([model, runner, tools])),
        (
            at("kubernetes/helmrelease/chart"),
            sorted([f"{HOST}/side", f"{HOST}/side@{digest(8)}", f"{HOST}/web", f"{HOST}/web:7"]),
            [digest(8)],
        ),
    ]
    named = ecr_image(1, "v7", repository="runner")
    judged = orphans(build(with_used_by(inventory(named), [read])), kinds=(Kind.ECR_IMAGE,))
    assert [judgement.verdict.value for judgement in judged.all()] == ["in-use"]


@pytest.mark.parametrize("scheme", ["docker://", "docker-pullable://", "oci://", "https://"])
def test_the_transport_before_a_reference_is_not_of_it(tmp_path: Path, scheme: str) -> None:
    assert said(tmp_path, f"{scheme}{SHOP}\n") == [
        (at(f"list/image/{scheme}{SHOP}"), "running", [(SHOP, "")])
    ]


def test_a_node_may_name_the_repository_of_another_pull(tmp_path: Path) -> None:
    """Its digest is then used in the repository that the pod names, too; an image of no ECR
    registry may come from a mirror."""
    one, mirrored = pod("one", f"{HOST}/copy@{digest(1)}"), pod("two", f"{HOST}/hub@{digest(2)}")
    for item, image in ((one, SHOP), (mirrored, "docker.io/library/redis:7")):
        item["spec"]["containers"][0]["image"] = image
        item["status"]["containerStatuses"][0]["name"] = "app"
    assert said(tmp_path, listing(one, mirrored)) == [
        (
            at("kubernetes/pod/prod/one"),
            "running",
            [(f"{HOST}/copy", digest(1)), (SHOP, ""), (digest(1), "")],
        ),
        (
            at("kubernetes/pod/prod/two"),
            "running",
            [(f"{HOST}/hub", digest(2)), ("docker.io/library/redis:7", "")],
        ),
    ]


def test_a_file_says_its_name_cluster_and_age(tmp_path: Path) -> None:
    path = write(tmp_path, listing(pod("one", "")), hours=30)
    assert read_used_by(f"prod={path}", NOW).file == used_by_file(
        name="used.json",
        cluster="prod",
        read_at=NOW - timedelta(hours=30),
        pods=True,
        namespace="prod",
        workloads=1,
    )
    only = write(tmp_path, listing(template("Deployment", "web")))
    assert not read_used_by(only, NOW).file.pods
    empty = read_used_by(write(tmp_path, listing()), NOW).file
    assert (empty.pods, empty.workloads) == (False, 0), "kubectl get jobs -n typo says the same"


def test_a_file_of_one_namespace_says_which(tmp_path: Path) -> None:
    """``kubectl get pods -n prod`` lists no pod of another namespace, and says nothing of it."""

    def namespace(*items: Any) -> str:
        return read_used_by(write(tmp_path, listing(*items)), NOW).file.namespace

    other = pod("dns", "")
    other["metadata"]["namespace"] = "kube-system"
    assert namespace(pod("one", ""), pod("two", "")) == "prod"
    assert namespace(pod("one", ""), other) == ""
    assert namespace(template("Deployment", "web")) == ""
    assert namespace() == ""


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SHOP.encode())))
    read = read_used_by("-", NOW)
    assert [workload.id for workload in read.workloads] == [
        f"workload:elsewhere/stdin/list/image/{SHOP}"
    ]
    assert read.file.read_at == NOW


def test_objects_of_one_name_keep_all_their_images(tmp_path: Path) -> None:
    """A file may be made of two clusters."""
    items = pod("web", f"{HOST}/shop@{digest(1)}"), pod("web", f"{HOST}/shop@{digest(2)}")
    one = f"{HOST}/shop"
    assert said(tmp_path, listing(*items)) == [
        (
            at("kubernetes/pod/prod/web"),
            "running",
            [(one, digest(1)), (one, digest(2)), (SHOP, "")],
        )
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty: for an empty list write [], for no objects write items []"),
        (" \n\t", "is empty"),
        (listing(pod("one", ""))[:-9], "is not complete JSON"),
        ("[" * 100_000, "is not complete JSON"),
        (b"\xff\xfe\x00s", "is not UTF-8 text"),
        ('{"kind": "PodList"}', "is a list without items: it may be cut"),
        ('{"kind": "List", "items": [], "metadata": {"continue": "abc"}}', "(continue 'abc')"),
        ("{}", "something that is not a Kubernetes object"),
        ('{"kind": 7}', "something that is not a Kubernetes object"),
        (listing({"kind": "Pod", "metadata": {"name": "a"}}), "Pod a has no containers"),
        (listing({"kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": 3}}), "no cont"),
        (listing({"kind": "Pod", "metadata": {"namespace": "a"}}), "without a usable name"),
        (listing(pod("\x1b[31mred", "")), "without a usable name: 'prod/\\x1b[31mred'"),
        ("[7]", "'7' is not an image reference"),
        (json.dumps([SHOP, "two words"]), "'two words' is not an image reference"),
        (f"{SHOP}\nü{SHOP}\n", "is not an image reference"),
        (f'"{SHOP}"\n', "is not an image reference"),
        (f"{SHOP},\n", "is not an image reference"),
        (f"{HOST}/shop@{digest(1)[:20]}\n", "is not an image reference"),
        (f"- {SHOP}\n", "is not an image reference"),
        (f"image={SHOP}\n", "is not an image reference"),
        ("---\n", "'---' is not an image reference"),
        (json.dumps([f"{SHOP},"]), "is not an image reference"),
    ],
)
def test_what_cannot_be_trusted_is_refused(tmp_path: Path, text: str | bytes, message: str) -> None:
    """Half a file would leave out images, and what it leaves out would be unused."""
    with pytest.raises(SourceError) as raised:
        read_used_by(write(tmp_path, text), NOW)
    assert str(raised.value).startswith("--used-by ")
    assert message in str(raised.value)


def test_a_file_of_tomorrow_is_refused(tmp_path: Path) -> None:
    assert read_used_by(write(tmp_path, SHOP, hours=-0.1), NOW).workloads, "clocks differ"
    with pytest.raises(SourceError, match=r"dated 2026-03-02 12:00 UTC, in the future"):
        read_used_by(write(tmp_path, SHOP, hours=-24), NOW)


def test_a_file_that_is_not_there_is_usage(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="there is no such file"):
        read_used_by(str(tmp_path / "gone.json"), NOW)


def test_a_hostile_file_name_makes_ids_that_are_ids(tmp_path: Path) -> None:
    path = write(tmp_path, SHOP, name="a b\n:@\x1b[1mü.json")
    (only,) = read_used_by(path, NOW).workloads
    assert only.id == f"workload:elsewhere/a%20b%0A%3A%40%1B%5B1m%C3%BC.json/list/image/{SHOP}"
    assert is_id(only.id)


def test_two_files_of_one_name_must_be_told_apart(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    paths = write(tmp_path, SHOP), write(tmp_path / "b", SHOP)
    with pytest.raises(OptionError, match=r"two files of --used-by are named used\.json"):
        read_all(paths, NOW)
    both = read_all((f"blue={paths[0]}", f"green={paths[1]}"), NOW)
    assert [workload.region for read in both for workload in read.workloads] == [
        "blue=used.json",
        "green=used.json",
    ]


def test_an_inventory_takes_a_newer_file_for_the_older(tmp_path: Path) -> None:
    known = inventory(ecr_image(1, "v1"))
    older = f"shop={write(tmp_path, f'{SHOP}{chr(10)}redis{chr(10)}')}"
    first = with_used_by(known, read_all((older,), NOW))
    assert [workload.name for workload in first.workloads] == [SHOP, "redis"]
    newer = f"shop={write(tmp_path, SHOP)}"
    second = with_used_by(first, read_all((newer, write(tmp_path, "[]", "b")), NOW))
    assert [workload.name for workload in second.workloads] == [SHOP]
    assert [(file.name, file.workloads) for file in second.scope.used_by] == [
        ("b", 0),
        ("used.json", 1),
    ]
    assert with_used_by(known, ()) is known


def test_another_list_of_the_same_name_replaces_nothing(tmp_path: Path) -> None:
    first = with_used_by(inventory(), read_all((write(tmp_path, f"{SHOP}\nredis\n"),), NOW))
    same = with_used_by(first, read_all((write(tmp_path, f"redis\n{SHOP}\nnginx\n"),), NOW))
    assert [workload.name for workload in same.workloads] == [SHOP, "nginx", "redis"]
    with pytest.raises(OptionError, match="redis, which this one has not: rename it"):
        with_used_by(first, read_all((write(tmp_path, SHOP),), NOW))


def test_what_pods_run_is_linked_by_digest_tag_and_image_id(tmp_path: Path) -> None:
    items = pod("pulled", f"{HOST}/shop@{digest(1)}"), pod("id", digest(13))
    read = read_all((write(tmp_path, listing(*items)),), NOW)
    images = (
        ecr_image(1, repository="shop"),
        ecr_image(2, "v1", repository="shop"),
        ecr_image(3, repository="shop", config_digest=digest(13)),
        ecr_image(4, repository="shop"),
    )
    known = with_used_by(inventory(*images), read)
    one, two, three = (ecr_image(n, repository="shop").id for n in (1, 2, 3))
    by_id, pulled = at("kubernetes/pod/prod/id"), at("kubernetes/pod/prod/pulled")
    assert found(workloads.workload_digest, known) == [(by_id, three), (pulled, one)]
    assert found(workloads.workload_tag, known) == [(by_id, two), (pulled, two)]


def test_an_image_id_that_no_image_has_leaves_unread_images_in_doubt(tmp_path: Path) -> None:
    """Its tag may have moved since: what runs may be any image whose configuration was not read."""
    read = read_all((write(tmp_path, listing(pod("id", digest(13)))),), NOW)
    images = (ecr_image(1, config_digest=digest(11)), ecr_image(2))
    known = with_used_by(inventory(*images, scope=scope()), read)
    assert known.workloads[0].state is WorkloadState.RUNNING
    codes = {
        judged.id: [doubt.code for doubt in judged.doubts if doubt.code == "runs-unread"]
        for judged in orphans(build(known), kinds=(Kind.ECR_IMAGE,)).unknown
    }
    assert list(codes.values()) == [[], ["runs-unread"]]

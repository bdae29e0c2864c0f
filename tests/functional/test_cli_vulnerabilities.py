"""Vulnerabilities of what runs, in every view: what ECR counted, and what nobody knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jotgraph import store
from jotgraph.graph import build
from jotgraph.render.html.data import payload
from jotgraph.render.picture.drawing.view import view
from jotgraph.views import options
from tests.factories import image_scan
from tests.functional.conftest import Run, expected
from tests.functional.estate import ACCOUNT, REGION, START, digest, estate
from tests.functional.test_cli_json import problems

SCANS = {
    digest(1): image_scan(completed_at=START, counts=(("CRITICAL", 3), ("HIGH", 12))),
    digest(2): image_scan("FAILED"),
    digest(5): image_scan("ACTIVE", completed_at=START, counts=()),
}
"""What ``checkout`` runs, what its version 1 runs, and what the tag of ``billing`` names now; of
what ``billing`` runs nothing is known."""
CHECKOUT = f"ecr-image:{ACCOUNT}/{REGION}/shop/checkout@{digest(1)}"


@pytest.fixture
def scanned(tmp_path: Path) -> str:
    whole = estate()
    images = tuple(
        msgspec.structs.replace(image, scan=SCANS.get(image.digest)) for image in whole.ecr_images
    )
    path = tmp_path / "scanned.jsonl"
    store.save(msgspec.structs.replace(whole, ecr_images=images), path)
    return str(path)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("ls_with_scans", ("ls", "--scans")),
        ("ls_with_scans_as_markdown", ("ls", "--scans", "--format", "md")),
        ("orphans_with_scans", ("orphans", "--all", "--kind", "ecr-image")),
        ("show_a_scanned_image", ("show", "shop/checkout:prod")),
        ("stale_with_vulnerabilities", ("stale",)),
    ],
)
def test_whole_answers(run: Run, scanned: str, name: str, arguments: tuple[str, ...]) -> None:
    result = run(*arguments, "--from", scanned)
    assert result.exit_code == 0
    assert result.stdout == expected(name)


def test_csv_tells_what_is_not_known_from_zero(run: Run, scanned: str) -> None:
    lines = run("ls", "--format", "csv", "--from", scanned).stdout.splitlines()
    names = ["function", "critical", "high", "scanned_at", "scan_unknown"]
    columns = [lines[0].split(",").index(name) for name in names]
    assert sorted([line.split(",")[column] for column in columns] for line in lines[1:]) == [
        ["billing", "", "", "", "no scan of it is known"],
        ["checkout", "", "", "", "its scan failed"],
        ["checkout", "3", "12", "2026-03-02T09:00:00Z", ""],
        ["nightly", "", "", "", ""],
        ["report", "", "", "", "it was not read"],
    ]
    lines = run("orphans", "--all", "--format", "csv", "--from", scanned).stdout.splitlines()
    assert [line.split(",")[-4:] for line in lines if f"/shop/billing@{digest(5)}" in line] == [
        ["0", "0", "2026-03-02T09:00:00Z", ""]
    ]


def test_json_is_as_documented(run: Run, scanned: str) -> None:
    told: dict[str, Any] = {}
    for command in (("ls",), ("orphans", "--all"), ("show", "shop/checkout:prod"), ("stale",)):
        answer = json.loads(run(*command, "--format", "json", "--from", scanned).stdout)
        assert problems(answer) == []
        told[command[0]] = answer
    found = {
        "counts": {"CRITICAL": 3, "HIGH": 12},
        "of": None,
        "scanned_at": "2026-03-02T09:00:00Z",
        "unknown": "",
    }
    rows = {jot["id"]: jot["image"] for jot in told["ls"]["jots"]}
    assert rows[f"function:{ACCOUNT}/{REGION}/checkout"]["vulnerabilities"] == found
    judged = {judged["id"]: judged["vulnerabilities"] for judged in told["orphans"]["in_use"]}
    assert judged[CHECKOUT] == found
    assert judged[f"function:{ACCOUNT}/{REGION}/checkout"] is None
    assert told["show"]["resource"]["scan"]["counts"] == found["counts"]


@pytest.mark.parametrize(
    ("policy", "code", "says"),
    [
        ("max_critical_running = 2\nallow_unscanned = true", 1, "3 critical vulnerabilities, 2"),
        ("max_critical_running = 3\nallow_unscanned = true", 0, ""),
        ("max_critical_running = 3", 4, "allow_unscanned = true lets them pass"),
    ],
)
def test_a_gate_on_what_runs(
    run: Run, scanned: str, tmp_path: Path, policy: str, code: int, says: str
) -> None:
    (tmp_path / "jotgraph.toml").write_text(policy)
    result = run("check", "--from", scanned)
    assert result.exit_code == code
    assert says in " ".join(f"{result.stdout} {result.stderr}".split())  # however it is wrapped


def test_the_page_shows_them_beside_what_runs(scanned: str) -> None:
    graph = build(store.load(scanned))
    asked = options(graph, page=True)
    main, details = payload(graph, view(graph, asked), asked)
    nodes: Any = main["nodes"]
    findings: Any = details["findings"]
    function = f"function:{ACCOUNT}/{REGION}/checkout"
    (checkout,) = [number for number, node in enumerate(nodes) if node["i"] == function]
    assert [1, "3 critical", "critical"] in nodes[checkout]["s"]
    assert [finding[2] for finding in findings[checkout] if finding[1] == "3 critical"] == [
        "image shop/checkout:prod @015eed5ee has 3 critical and 12 high vulnerabilities "
        "(scanned 2026-03-02)"
    ]

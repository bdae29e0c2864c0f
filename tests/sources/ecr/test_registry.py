"""What a registry is set to do, as a scan reads it."""

from __future__ import annotations

import pytest

from jotgraph.sandbox.server import Sandbox
from tests.sources.conftest import Scan

ELSEWHERE = "444455556666.dkr.ecr.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("url", "upstream", "expected"),
    [
        (ELSEWHERE, "", (("", "444455556666/eu-west-1"),)),
        (ELSEWHERE, "ROOT", (("", "444455556666/eu-west-1"),)),
        (ELSEWHERE, "team/base", (("team/base", "444455556666/eu-west-1"),)),
        ("public.ecr.aws", "", ()),
        ("registry-1.docker.io", "library", ()),
    ],
)
def test_where_pull_through_rules_fetch_from(
    aws: Sandbox, scan: Scan, url: str, upstream: str, expected: tuple[tuple[str, str], ...]
) -> None:
    aws.client("ecr").create_pull_through_cache_rule(
        ecrRepositoryPrefix="cache",
        upstreamRegistryUrl=url,
        **({"upstreamRepositoryPrefix": upstream} if upstream else {}),
    )
    (registry,) = scan().registries
    assert (registry.pull_through, registry.upstreams) == (("cache",), expected)

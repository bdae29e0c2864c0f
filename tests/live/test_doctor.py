"""``doctor`` on a real engine: its version, and what its ids are."""

from __future__ import annotations

import re

import pytest

from jotgraph.doctor.machine import engine as part_of
from jotgraph.queries.answers.diagnosis import ExaminationResult
from tests.rig.live import Rig


@pytest.mark.live_docker
def test_a_real_engine_says_its_version_and_its_store(engine: Rig) -> None:
    part = part_of(engine.docker, None)
    version = engine.docker.version()
    assert part.result is ExaminationResult.HOLDS
    assert re.fullmatch(
        r"version \S+, API \S+, driver \S+ "
        r"\((containerd store: ids are digests of manifests|ids are digests of configurations)\)",
        str(part.state),
    )
    assert f"version {version['Version']}, API {version['ApiVersion']}" in str(part.state)

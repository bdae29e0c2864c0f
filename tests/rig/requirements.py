"""What some tests need of the machine, or of the run: a marker's name in, the reason why it cannot
be had here out."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from tests.rig.browser import HEADLESS, PROGRAMS, installed
from tests.rig.engine import DOCKER, DOCKERD
from tests.rig.live import ALONE
from tests.rig.registry import REGISTRY
from tests.strength import MANY_PLACES


def _namespaces() -> str:
    if os.geteuid() != 0:
        return "needs root, to start a Docker engine of its own: run the tests with sudo"
    for tool, package in (("unshare", "util-linux"), ("ip", "iproute2")):
        if shutil.which(tool) is None:
            return f"no {tool}: apt-get install {package}"
    done = subprocess.run((*ALONE, "true"), capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"no namespaces here: {done.stderr.strip()}"


def _installed(program: Path, package: str) -> str:
    return "" if program.exists() else f"no {program}: apt-get install {package}"


def _docker() -> str:
    return (
        _installed(DOCKERD, "docker.io")
        or _installed(DOCKER, "docker.io docker-cli")
        or _installed(REGISTRY, "docker-registry")
        or _namespaces()
    )


def _java() -> str:
    return "" if shutil.which("java") else "no Java: apt-get install default-jre-headless"


def _skopeo() -> str:
    return _docker() or ("" if shutil.which("skopeo") else "no skopeo: apt-get install skopeo")


def _browser() -> str:
    return "" if installed(*PROGRAMS) else f"no chromium: apt-get install {HEADLESS}"


def _time() -> str:
    return "" if MANY_PLACES else "takes long: run the tests with CI=true"


REQUIREMENTS: dict[str, Callable[[], str]] = {
    "live_docker": _docker,
    "live_registry": _docker,
    "live_browser": _browser,
    "live_skopeo": _skopeo,
    "live_spark": _java,
    "in_ci": _time,
}
"""Engine and registry come up as one rig."""

FIXTURES: Mapping[str, str] = {
    "engine": "live_docker",
    "ecr_named": "live_registry",
    "browser": "live_browser",
    "tab": "live_browser",
    "skopeo": "live_skopeo",
    "spark": "live_spark",
}
"""A test that uses the fixture has the marker."""


@cache
def missing(marker: str) -> str:
    """Why tests with ``marker`` cannot run on this machine; empty when they can."""
    return REQUIREMENTS[marker]()

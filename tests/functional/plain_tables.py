"""Answers of commands that print no resources of a graph: what a test draws in every width."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from rich.console import RenderableType

from jotgraph.links import RULES
from jotgraph.permissions import needs
from jotgraph.queries.answers.diagnosis import (
    Access,
    Assumption,
    Attempt,
    Diagnosis,
    ExaminationResult,
    Identity,
    MachinePart,
    Value,
    term,
    words,
)
from jotgraph.records import Inventory
from jotgraph.render.answers import content, doctor, policy, rules, scan, settings
from jotgraph.settings.effective import Setting, Settings
from tests.factories import content_match, sha
from tests.functional.long_names import FUNCTION, ROLE

_USER = f"arn:aws:sts::123456789012:assumed-role/{ROLE}/jenkins"


def _content(whole: Inventory) -> RenderableType:
    """The first images whose files were compared; of an estate without, what its images have."""
    compared = sorted(whole.content, key=lambda match: (match.resource, match.repository))
    matches = compared[:6] or [
        content_match(
            image.id,
            sha("new"),
            repository="checkout",
            modified=(f"src/{FUNCTION}/app.py",),
            modified_count=1,
        )
        for image in sorted(whole.ecr_images, key=lambda image: image.id)
    ]
    return content.as_table(matches)


def _settings(_: Inventory) -> RenderableType:
    file = "/home/somebody/work/payments-platform/jotgraph.toml"
    listed = (
        Setting(
            "profiles", ("payments-production", "payments-staging"), (file,), "JOTGRAPH_PROFILES"
        ),
        Setting(
            "keep_tags", ("latest", "main", "prod*", f"{ROLE}*"), (file,), "JOTGRAPH_KEEP_TAGS"
        ),
        Setting("ref", "origin/main", ("JOTGRAPH_REF",), "JOTGRAPH_REF"),
        Setting("max_age", None, ("default",), "JOTGRAPH_MAX_AGE"),
    )
    return settings.as_table(Settings(listed, (file,)))


def _doctor(_: Inventory) -> RenderableType:
    account, region = Value("123456789012"), "eu-central-1"
    denied = words("{}: not authorized to perform this action", term("AccessDeniedException"))
    untried = words("ECR counts it as a pull: --pulls tries it")
    return doctor.as_table(
        Diagnosis(
            taken_at=datetime(2026, 11, 26, tzinfo=UTC),
            program="1",
            identities=(
                Identity(Value("payments"), (region, "us-east-1"), account, Value(_USER)),
                Identity(Value("old"), (region,), failure=words("ExpiredToken: sign in again")),
            ),
            access=(
                _tried("lambda:ListFunctions", Attempt.ALLOWED),
                _tried("resource-explorer:ListResourceTypes", Attempt.DENIED, denied),
                _tried("ecr:BatchGetImage", Attempt.UNTRIED, untried),
            ),
            assumptions=(
                Assumption(
                    id="code-sha-is-the-manifest-digest",
                    claim="CodeSha256 of an image function is the digest of its manifest",
                    used_in="records/lambda_.py",
                    result=ExaminationResult.FAILS,
                    samples=1200,
                    details=(words("{} has another", FUNCTION),),
                ),
            ),
            parts=(
                MachinePart(
                    name="git", result=ExaminationResult.HOLDS, state=words("git version 2.39.5")
                ),
            ),
        )
    )


def _tried(action: str, state: Attempt, detail: object = words("")) -> Access:
    return Access(
        account=Value("123456789012"),
        region="eu-central-1",
        action=action,
        because="list what may use a role",
        state=state,
        detail=detail,  # type: ignore[arg-type]
    )


TABLES: Mapping[str, Callable[[Inventory], RenderableType]] = MappingProxyType(
    {
        "content": _content,
        "doctor": _doctor,
        "policy": lambda _: policy.as_table(needs("scan")[:12]),
        "rules": lambda _: rules.as_table(RULES[:12]),
        "scan": scan.as_table,
        "settings": _settings,
    }
)

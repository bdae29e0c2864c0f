"""An estate of two accounts and three regions whose names are as long as teams make them."""

from __future__ import annotations

from jotgraph.records import Inventory
from tests.factories import (
    ACCOUNT,
    HERE,
    OTHER_ACCOUNT,
    OTHER_REGION,
    REGION,
    alias,
    commit,
    days_ago,
    ecr_image,
    ecr_repository,
    function,
    git_repository,
    inventory,
    local_image,
    role,
    scope,
    sha,
    trigger,
    version,
)

REPOSITORY = "customer-experience/payments-platform/checkout-orchestrator-service"
FUNCTION = "payments-platform-checkout-orchestrator-production-eu-handler"
ROLE = "execution-of-the-checkout-orchestrator-in-production-in-europe"
TAG = "release-2026.11.03-hotfix-currency-rounding-build-48213"
BRANCH = "feature-retry-on-conflict-from-the-ledger-service-of-somebody"
NAMES = (REPOSITORY, FUNCTION, ROLE, TAG)
"""What no table may break, wherever it is shown."""


def long_names() -> Inventory:
    """One function that is current, one whose image is gone, one that drifts, and what nothing
    uses, in every place."""
    there = {"account": OTHER_ACCOUNT, "region": OTHER_REGION}
    return inventory(
        git_repository(key="checkout", head=sha("new"), remote="https://github.com/acme/checkout"),
        commit("new", "old", subject="Round half to even", committed_at=days_ago(3)),
        commit("old", subject="Charge in the customer's currency", committed_at=days_ago(40)),
        local_image("local", f"{REPOSITORY}:{BRANCH}", created_at=days_ago(20)),
        ecr_repository(REPOSITORY),
        ecr_repository(f"{REPOSITORY}-legacy", **there),
        ecr_image(1, TAG, "live", repository=REPOSITORY, labels=_built_from("new")),
        ecr_image(2, f"{TAG}-rc1", repository=REPOSITORY, labels=_built_from("old")),
        ecr_image(3, f"{TAG}-rc2", repository=f"{REPOSITORY}-legacy", **there),
        function(FUNCTION, 1, tag="live", repository=REPOSITORY, role=ROLE, invocations=9),
        function(f"{FUNCTION}-canary", 2, tag="live", repository=REPOSITORY, role=ROLE),
        function("short", 9, tag="v1", repository=REPOSITORY, role=ROLE),
        version(12, FUNCTION, 1, tag="live", repository=REPOSITORY, role=ROLE),
        alias("production-with-canary", 12, FUNCTION),
        trigger(
            source_arn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:payments-platform-settlement-requests",
            function_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FUNCTION}-2019",
            last_modified=days_ago(200),
        ),
        role(ROLE),
        role(f"{ROLE}-2019", path="/service/"),
        scope=scope(HERE, (OTHER_ACCOUNT, OTHER_REGION), git=("checkout",)),
    )


def _built_from(name: str) -> dict[str, str]:
    return {
        "org.opencontainers.image.revision": sha(name),
        "org.opencontainers.image.source": "https://github.com/acme/checkout",
    }

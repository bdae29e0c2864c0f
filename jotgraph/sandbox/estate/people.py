"""Roles, functions, versions, aliases, triggers and invocations of the example estate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox

BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
ELSEWHERE = "eu-west-1"
EC2 = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def roles(aws: Sandbox, now: datetime) -> None:
    """One role for each team, a shared one, a superseded one, and three that no function has."""
    table = {
        "checkout": (210, 0.2, aws.region),
        "refunds": (96, 0.4, aws.region),
        "refunds-2025": (190, 3, aws.region),
        "lambda-basic": (400, 0.1, aws.region),
        "search": (150, 0.1, ELSEWHERE),
        "importer": (395, None, None),
        "analytics-export": (300, 12, "ap-southeast-2"),
    }
    for name, (days, used, region) in table.items():
        seed.role(
            aws,
            name,
            path="/service/",
            attached=[BASIC],
            inline=_tables(name) if name in ("checkout", "refunds") else None,
            created=now - timedelta(days=days),
            last_used=None if used is None else now - timedelta(days=used),
            last_used_region=region,
            tags={"team": "payments" if "refunds" in name or name == "checkout" else "platform"},
        )
    seed.role(
        aws,
        "build-runner",
        trust=EC2,
        created=now - timedelta(days=200),
        last_used=now - timedelta(days=1),
        last_used_region=aws.region,
        instance_profile="build-runner",
    )


def functions(aws: Sandbox, digests: Mapping[str, str], now: datetime) -> None:
    """The functions, in the order in which they were deployed."""
    _payments(aws, digests, now)

    def deploy(name: str, image: str | None, days: float, role: str, region: str = "") -> None:
        when = now - timedelta(days=days)
        seed.function(
            aws, name, image, role=_arn(aws, role), modified=when, region=region or aws.region
        )

    deploy("search", f"search/api@{digests['search-amd64']}", 38, "search")
    deploy("search-arm", f"search/api@{digests['search-arm64']}", 38, "search")
    deploy("search", f"search/api@{digests['search-eu-amd64']}", 38, "search", ELSEWHERE)
    deploy("thumbs", f"media/thumbs@{digests['thumbs-2']}", 39, "lambda-basic")
    deploy("reports", "platform/reports:nightly", 60, "lambda-basic")
    deploy(
        "reports-preview", f"platform/reports@{digests['reports-unlabelled']}", 58, "lambda-basic"
    )
    deploy("housekeeping", None, 120, "lambda-basic")


def _payments(aws: Sandbox, digests: Mapping[str, str], now: datetime) -> None:
    seed.function(
        aws,
        "checkout",
        "payments/checkout:latest",
        role=_arn(aws, "checkout"),
        modified=now - timedelta(days=22),
        env={"STAGE": "prod", "TABLE": "carts"},
        tags={"team": "payments"},
    )
    for image, days, role in (
        ("1.0.0", 188, "refunds-2025"),
        (digests["refunds-2"], 95, "refunds-2025"),
        ("1.2.0", 5, "refunds"),
    ):
        mark = "@" if image.startswith("sha256:") else ":"
        when = now - timedelta(days=days)
        role_arn = _arn(aws, role)
        seed.function(
            aws,
            "refunds",
            f"payments/refunds{mark}{image}",
            role=role_arn,
            modified=when,
            env={"STAGE": "prod"},
            tags={"team": "payments"},
        )
        seed.version(aws, "refunds", modified=when)
    seed.alias(aws, "refunds", "prod", "3", weights={"2": 0.1})
    seed.alias(aws, "refunds", "staging", "3")


def calls(aws: Sandbox, now: datetime) -> None:
    """Triggers (the function of one is gone), and a month of invocations."""
    queue = f"arn:aws:sqs:{aws.region}:{aws.account}:"
    seed.trigger(aws, "refunds:prod", f"{queue}refund-requests", modified=now - timedelta(days=95))
    seed.trigger(aws, "thumbs", f"{queue}uploads", modified=now - timedelta(days=149))
    seed.trigger(aws, "importer", f"{queue}old-imports", modified=now - timedelta(days=390))
    days = [now - timedelta(days=day, hours=2) for day in range(30)]
    for name, rate in (("checkout", 5200), ("refunds", 140), ("search", 9100), ("reports", 1)):
        seed.metric(aws, name, [(day, rate) for day in days])
    seed.metric(aws, "refunds", [(day, 140) for day in days], qualifier="prod")
    for number, calls in (("2", 14), ("3", 126)):
        points = [(day, calls) for day in days]
        seed.metric(aws, "refunds", points, qualifier="prod", executed=number)
    seed.metric(aws, "search", [(day, 2300) for day in days], region=ELSEWHERE)


def _arn(aws: Sandbox, role: str) -> str:
    return f"arn:aws:iam::{aws.account}:role/service/{role}"


def _tables(name: str) -> Mapping[str, Mapping[str, object]]:
    statement = {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": f"*/{name}"}
    return {"tables": {"Version": "2012-10-17", "Statement": [statement]}}

"""Assumptions about every response: its shape, and its time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from jotgraph.doctor.assumptions.model import AssumptionRule, Check, SampleCheck, outcome
from jotgraph.doctor.samples import Sample, Samples
from jotgraph.queries.answers.diagnosis import Words, term, words

SKEW = timedelta(minutes=5)
"""The clock difference that AWS accepts in signatures."""
NEEDED = (
    ("ecr", "DescribeRepositories", "repositories", ("repositoryName", "repositoryArn")),
    ("ecr", "DescribeImages", "imageDetails", ("repositoryName", "imageDigest")),
    ("lambda", "ListFunctions", "Functions", ("FunctionName", "FunctionArn", "Version",
                                              "PackageType", "CodeSha256", "Role")),
    ("lambda", "ListAliases", "Aliases", ("Name", "FunctionVersion")),
    ("lambda", "ListEventSourceMappings", "EventSourceMappings", ("UUID", "FunctionArn", "State")),
    ("iam", "GetAccountAuthorizationDetails", "RoleDetailList", ("RoleName", "Arn", "RoleId")),
    ("ecs", "DescribeTasks", "tasks", ("taskArn", "lastStatus", "containers")),
)  # fmt: skip
"""Service, action, list, and the fields that its items need."""


def _shaped(kind: str, template: str) -> Check:
    """Check every response whose bytes can be compared with botocore's model."""

    def look(samples: Samples) -> Iterator[Words | None]:
        for oddities in samples.oddities:
            if oddities is None:
                continue
            odd = [oddity for oddity in oddities if oddity.what == kind]
            yield from (words(template, term(oddity.path), term(oddity.value)) for oddity in odd)
            if not odd:
                yield None

    return lambda samples: outcome(look(samples), "no answer in JSON was compared")


def needed_fields(samples: Samples) -> SampleCheck:
    """Items of listings have the fields that are needed."""

    def look() -> Iterator[Words | None]:
        for service, action, member, names in NEEDED:
            for _, item in samples.items(service, action, member):
                missing = [name for name in names if item.get(name) in (None, "")]
                yield (
                    Words(f"{service} {action} {member}[] without {', '.join(missing)}")
                    if missing
                    else None
                )

    return outcome(look(), "nothing was listed")


def understood(samples: Samples) -> SampleCheck:
    """The scan's own readers could parse the responses."""
    wrong = tuple(
        words(f"{gap.service} {gap.action}: {{}}", gap.detail) for gap in samples.misunderstood
    )
    return SampleCheck(len(samples.answers), wrong, "nothing was answered")


def dated(samples: Samples) -> SampleCheck:
    """Responses of ECR contain the time."""
    return outcome(
        (
            None if _date(sample) else words("{}", term(f"{sample.service} {sample.action}"))
            for sample in samples.answers
            if sample.service == "ecr"
        ),
        "ECR answered nothing",
    )


def clocks_agree(samples: Samples) -> SampleCheck:
    """This machine's clock agrees with AWS's."""

    def look() -> Iterator[Words | None]:
        for sample in samples.answers:
            if date := _date(sample):
                apart = abs(sample.received_at - date)
                minutes = apart.total_seconds() / 60
                yield Words(f"{minutes:,.0f} minutes apart") if apart > SKEW else None

    return outcome(look(), "no answer says the time")


def _date(sample: Sample) -> datetime | None:
    try:
        date = parsedate_to_datetime(sample.date) if sample.date else None
    except ValueError:
        return None
    return date.replace(tzinfo=date.tzinfo or UTC) if date else None


RULES = (
    AssumptionRule(
        "fields-known",
        "Answers have no field that this boto3 does not know: it would be dropped",
        "jotgraph.sources.aws.calls",
        _shaped("unknown", "{}"),
    ),
    AssumptionRule(
        "fields-required",
        "Answers have every field that their model requires",
        "jotgraph.sources.aws.calls",
        _shaped("missing", "{}"),
    ),
    AssumptionRule(
        "values-known",
        "States and types are among those of their model",
        "jotgraph.sources.aws.calls",
        _shaped("value", "{}: {}"),
    ),
    AssumptionRule(
        "fields-needed",
        "Items of listings have the fields by which they are named and linked",
        "jotgraph.sources",
        needed_fields,
    ),
    AssumptionRule(
        "answers-understood",
        "The readers of a scan understand what is answered",
        "jotgraph.sources",
        understood,
    ),
    AssumptionRule(
        "ecr-date",
        "Every answer of ECR says the time, by which our own pulls are told from others",
        "jotgraph.sources.ecr.own_pulls",
        dated,
    ),
    AssumptionRule(
        "clock",
        "This machine's clock is within 5 minutes of AWS's",
        "jotgraph.analysis.usage",
        clocks_agree,
    ),
)

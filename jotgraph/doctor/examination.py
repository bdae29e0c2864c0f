"""One examination: identities, permissions, this machine, and assumptions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from jotgraph.clients import Clients
from jotgraph.doctor import machine, pulls
from jotgraph.doctor.access import access, why
from jotgraph.doctor.assumptions import checked
from jotgraph.doctor.assumptions.model import assumption
from jotgraph.doctor.samples import Recorder, Samples
from jotgraph.doctor.sampling import Sampled, sample_scan
from jotgraph.errors import CallFailedError
from jotgraph.queries.answers.diagnosis import (
    Assumption,
    Diagnosis,
    Identity,
    MachinePart,
    Value,
    Words,
)
from jotgraph.sources.aws.calls import Progress, RegionClient, silent
from jotgraph.sources.aws.places import Threads, caller_of, open_threads, places_of
from jotgraph.version import __version__

_NAMED = re.compile(
    r"(?:name|arn|uri|url|id|uuid|digest|key|value|account|role|path|description|image|tags?)s?$",
    re.IGNORECASE,
)
"""Fields whose text may be a name of the estate."""
_SHORTEST = 3
_NO_REGION = "no AWS region is set; pass --region or set AWS_DEFAULT_REGION"


def examine(
    clients: Clients,
    *,
    read_a_manifest: bool = False,
    progress: Progress | None = None,
) -> Diagnosis:
    """Examine everything by reading only; with ``read_a_manifest`` ECR records one reading as a
    pull."""
    now, recorder = datetime.now(UTC), Recorder()
    located = tuple(session for session in clients.aws if session.regions)
    with open_threads(located, progress or silent) as threads:
        identities = _identities(clients, threads)
        places, _ = places_of(located, threads)
        sampled = sample_scan(places, recorder, threads)
        pull = _pulls(sampled, places, recorder, read_a_manifest)
        samples = replace(recorder.samples(), misunderstood=sampled.misunderstood)
    return Diagnosis(
        taken_at=now,
        program=__version__,
        identities=identities,
        access=access(samples, [(place.account, place.region) for place in places], sampled.absent),
        assumptions=(*checked(samples), pull),
        parts=tuple(_parts(clients)),
        names=frozenset(_names(samples)) | {identity.account.text for identity in identities},
    )


def _pulls(
    sampled: Sampled, places: Sequence[RegionClient], recorder: Recorder, asked: bool
) -> Assumption:
    if not asked:
        return assumption(pulls.OWN_PULLS, pulls.not_asked(None))
    return pulls.own_pull(sampled.images, places, recorder)


def _identities(clients: Clients, threads: Threads) -> tuple[Identity, ...]:
    """Identify each session."""
    identities = []
    for session in clients.aws:
        profile, regions = Value(session.profile), session.regions
        if not regions:
            identities.append(Identity(profile, regions, failure=Words(_NO_REGION)))
            continue
        try:
            account, arn = caller_of(session, threads)
        except CallFailedError as error:
            identities.append(Identity(profile, regions, failure=why(error.failure)))
            continue
        identities.append(Identity(profile, regions, Value(account), Value(arn)))
    return tuple(identities)


def _parts(clients: Clients) -> Iterator[MachinePart]:
    yield machine.engine(clients.docker, clients.no_engine)
    yield from machine.git(clients.git)
    yield from machine.drawing()
    yield from machine.folders()
    yield machine.packages()


def _names(samples: Samples) -> Iterator[str]:
    """Every text in requests and responses that may be a name."""
    for sample in samples.answers:
        yield from _texts(sample.answer, named=False)
        yield from _texts(sample.params, named=False)


def _texts(value: Any, *, named: bool) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key != "ResponseMetadata":
                yield from _texts(item, named=bool(_NAMED.search(str(key))))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item, named=named)
    elif named and isinstance(value, str) and len(value) >= _SHORTEST:
        yield value

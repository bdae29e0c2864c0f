"""Sessions of boto3, one for each profile, which share the service models of the process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from jotgraph.clients.aws import EVERY_REGION, Aws
from jotgraph.errors import OptionError

if TYPE_CHECKING:
    from boto3.session import Session


@cache
def service_models(data_path: str | None = None) -> Any:
    """Return the botocore loader of the process, which reads service models from botocore and
    ``data_path`` once."""
    from jotgraph.clients.models import loader_of  # noqa: PLC0415 -- botocore takes 0.3 s to import

    return loader_of(data_path)


def core_session(profile: str | None = None) -> Any:
    """A botocore session that shares the service models of the process, and reads times in UTC.
    Raises ProfileNotFound."""
    from jotgraph.clients.events import new_session  # noqa: PLC0415 -- as above

    core = new_session(profile)
    core.register_component("data_loader", service_models(core.get_config_variable("data_path")))
    parsers = core.get_component("response_parser_factory")
    parsers.set_parser_defaults(timestamp_parser=parse_moment)
    return core


def parse_moment(value: Any) -> datetime:
    """Parse a time in a response of AWS, in UTC. botocore gives the same result and takes 30 times
    as long, to find this machine's time zone. Raises ValueError."""
    with suppress(TypeError, ValueError, OverflowError, OSError):
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value, UTC)
        if (moment := datetime.fromisoformat(value)).tzinfo:
            return moment.astimezone(UTC)
    from botocore.utils import parse_timestamp  # noqa: PLC0415 -- as above

    other: datetime = parse_timestamp(value)
    return other.astimezone(UTC)


def sessions(
    profiles: tuple[str, ...],
    regions: tuple[str, ...],
    make: Callable[..., Aws],
    *,
    region_needed: bool = True,
) -> tuple[Aws, ...]:
    """Return one session for each profile, without regions where none is known and none is needed.

    All share one botocore loader: parsing the service models again for each session costs 105 ms
    and 10 MB, sharing them 7 ms (boto/botocore#3078). Raises OptionError.
    """
    import boto3  # noqa: PLC0415 -- boto3 takes 0.3 s to import
    import botocore.session  # noqa: PLC0415 -- as above
    from botocore.exceptions import ProfileNotFound  # noqa: PLC0415 -- as above

    made: list[Aws] = []
    for profile in profiles or (None,):
        try:
            session = boto3.session.Session(botocore_session=core_session(profile))
        except ProfileNotFound:
            known = ", ".join(botocore.session.Session().available_profiles) or "none"
            raise OptionError(
                f"there is no AWS profile {profile!r}; profiles here: {known}"
            ) from None
        if EVERY_REGION in regions:
            home = session.region_name or "us-east-1"
            made.append(make(profile or "", (home,), session, everywhere=True))
            continue
        where = regions or ((session.region_name,) if session.region_name else ())
        if not where and region_needed:
            named = f" of profile {profile!r}" if profile else ""
            raise OptionError(
                f"no AWS region is set{named}; pass --region, set AWS_DEFAULT_REGION, "
                "or pass --no-aws"
            )
        _refuse_unknown(where, session)
        made.append(make(profile or "", tuple(dict.fromkeys(where)), session))
    return tuple(made)


def _refuse_unknown(regions: Iterable[str], session: Session) -> None:
    """Raise OptionError for a region that boto3 does not know: its endpoints would not be found,
    and would look empty."""
    partitions = session.get_available_partitions()
    known = {name for part in partitions for name in session.get_available_regions("sts", part)}
    known |= {name for part in partitions for name in session.get_available_regions("ecr", part)}
    for region in regions:
        if region not in known:
            near = get_close_matches(region, sorted(known), n=1)
            hint = f"did you mean {near[0]}? If it is" if near else "if it is"
            raise OptionError(
                f"there is no AWS region {region!r}; {hint} newer than this boto3: "
                "pip install --upgrade boto3"
            )

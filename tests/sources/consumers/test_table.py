"""The table of consumers names what there is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from jotgraph.records import (
    CONSUMERS,
)
from jotgraph.sources import consumers
from jotgraph.sources.consumers import Consumer


def _names(entries: Iterable[Consumer]) -> list[str]:
    return list(dict.fromkeys(entry.service for entry in entries))


def test_the_table_and_the_records_name_the_same_services() -> None:
    """In order: the entries of a service stand together, so that its calls are made once."""
    assert tuple(_names(consumers.CONSUMERS)) == CONSUMERS


@pytest.mark.parametrize(
    "entry", consumers.CONSUMERS, ids=lambda entry: f"{entry.service}-{entry.calls[0].action}"
)
def test_every_call_of_the_table_is_one_of_boto3(entry: Consumer) -> None:
    """Its operation, its parameters, the member it reads, and the page it asks for."""
    import botocore.session  # noqa: PLC0415 -- only this test reads models itself

    model: Any = botocore.session.get_session().get_service_model(entry.client or entry.service)
    for call in entry.calls:
        operation = model.operation_model(call.action)
        given, told = operation.input_shape.members, operation.output_shape.members
        names = {*call.args, *call.fixed, *([call.member] if call.member else [])}
        names |= {call.limit} if call.page else set()
        names |= set() if call.names else {call.token}
        assert names <= set(given)
        assert not call.found or call.found in told
        most = given[call.limit].metadata.get("max", 100) if call.page else 0
        assert call.page in (0, most)

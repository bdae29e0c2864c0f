"""The factory of records, held to the records and to the tests that use it."""

from __future__ import annotations

import re

import msgspec
import pytest

from jotgraph import records
from jotgraph.links import infer
from jotgraph.records import Inventory, is_id
from tests import factories

RECORDS = tuple(
    value
    for name in records.__all__
    if isinstance(value := getattr(records, name), type) and issubclass(value, msgspec.Struct)
)


def factory(record: type[msgspec.Struct]) -> str:
    """``ecr_image`` of ``EcrImage``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", record.__name__).lower()


@pytest.mark.parametrize("record", RECORDS, ids=factory)
def test_every_record_has_a_factory_of_its_name(record: type[msgspec.Struct]) -> None:
    made = getattr(factories, factory(record))()
    assert type(made) is record
    assert msgspec.json.decode(msgspec.json.encode(made), type=record) == made
    assert is_id(getattr(made, "id", "commit:" + "a" * 40))


def test_a_field_that_is_told_is_that_field_and_one_that_is_none_is_an_error() -> None:
    labels = {"b": "2", "a": "1"}
    told = factories.ecr_image("shop", "v1", labels=labels, size=5)
    assert (told.tags, told.labels, told.size) == (("v1",), (("a", "1"), ("b", "2")), 5)
    with pytest.raises(TypeError, match="colour"):
        factories.ecr_image(colour="red")
    with pytest.raises(KeyError):
        factories.inventory("no record")


def test_records_of_one_place_and_name_agree() -> None:
    place = {"account": factories.OTHER_ACCOUNT, "region": factories.OTHER_REGION}
    image, runs = factories.ecr_image("one", **place), factories.function(runs="one", **place)
    assert runs.resolved_image_uri == f"{factories.ecr_repository(**place).uri}@{image.digest}"
    assert runs.image_digest == image.digest == factories.version(runs="one").image_digest
    assert runs.role_arn == factories.role(account=factories.OTHER_ACCOUNT).arn
    assert factories.trigger(function="pay:live").function_arn == factories.alias().arn
    assert factories.digest(image.digest) == image.digest
    assert factories.sha(factories.sha("one")) == factories.sha("one")


def test_the_estate_holds_all_that_is_deployed_and_nothing_is_missing() -> None:
    estate: Inventory = factories.estate()
    known = {record.id for record in estate.records()}
    ends = {end for link in infer(estate) for end in (link.source, link.target)}
    assert known == ends

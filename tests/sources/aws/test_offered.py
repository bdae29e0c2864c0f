"""What is not offered in a region is told from what cannot be reached."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from jotgraph.sources.aws.offered import may_be_there

HOST, KNOWN = "apprunner.eu-north-1.amazonaws.com", "api.ecr.eu-north-1.amazonaws.com"


def _names(**errors: OSError) -> Callable[[str, int], object]:
    """A look-up that knows every host but those named ``host`` or ``known``."""
    by_name = {HOST: errors.get("host"), KNOWN: errors.get("known")}

    def look_up(name: str, port: int) -> object:
        assert port == 443
        if (error := by_name[name]) is not None:
            raise error
        return []

    return look_up


NO_NAME = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
AGAIN = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


def test_a_host_without_an_address_is_not_there() -> None:
    assert not may_be_there(HOST, lambda: KNOWN, _names(host=NO_NAME))


def test_a_host_with_an_address_may_be_there() -> None:
    assert may_be_there(HOST, lambda: KNOWN, _names())


@pytest.mark.parametrize("error", [AGAIN, TimeoutError(), OSError()])
def test_a_name_server_that_does_not_answer_says_nothing(error: OSError) -> None:
    assert may_be_there(HOST, lambda: KNOWN, _names(host=error))


def test_where_no_host_of_aws_has_a_name_nothing_is_said() -> None:
    """Behind a proxy that looks up names itself."""
    assert may_be_there(HOST, lambda: KNOWN, _names(host=NO_NAME, known=NO_NAME))

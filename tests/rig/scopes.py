"""What the tests of a folder share goes with the folder.

pytest keeps a fixture of a package's scope that is no conftest's until the session ends. Where a
process comes back to a folder, as it does when tests are shared out anew, what such a fixture knows
is of a sandbox that is gone.
"""

from __future__ import annotations

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(request: pytest.FixtureRequest) -> None:
    """Refuse such a fixture, by name."""
    if request.scope == "package" and isinstance(request.node, pytest.Session):
        pytest.fail(
            f"the fixture {request.fixturename} is of a package's scope, and outlives its folder: "
            "define it in the conftest of the folder",
            pytrace=False,
        )

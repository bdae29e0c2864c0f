"""What images of these tests are based on."""

from __future__ import annotations

from functools import cache

from jotgraph.sandbox.estate.images import BASE, tar_of


@cache
def small_base() -> bytes:
    """A base of 3 KB: that of the example has 3 MB, which would be sent in each world."""
    return tar_of(BASE | {"var/lang/lib/libruntime.so": bytes(range(256)) * 12})

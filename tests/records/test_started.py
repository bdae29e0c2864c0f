"""Which words of a command are kept, and which of them are the handler."""

from __future__ import annotations

import pytest

from jotgraph.records.started import handler_words, kept_words


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["app.handler"], ("app.handler",)),
        (["/usr/bin/python3", "-m", "awslambdaric"], ("/usr/bin/python3", "-m", "awslambdaric")),
        (["com.shop.Pay::handle"], ("com.shop.Pay::handle",)),
        (["/bin/sh", "-c", "TOKEN=s3cret app"], ("/bin/sh", "-c", "…")),
        (["run", "TOKEN=s3cret", "more"], ("run", "…")),
        (["run", "--token", "s3cret"], ("run", "--token", "…")),
        (["run", "--verbose"], ("run", "--verbose")),
        (["a"] * 9, ("a",) * 8 + ("…",)),
        (["x" * 201], ("…",)),
        (["", "b"], ("…",)),
        ([1, "b"], ("…",)),
        ([], ()),
        (None, ()),
        ("app.handler", ()),
        ({"app": 1}, ()),
    ],
)
def test_what_may_hold_a_secret_is_not_kept(words: object, kept: tuple[str, ...]) -> None:
    assert kept_words(words) == kept


@pytest.mark.parametrize(
    ("entry_point", "command", "handler"),
    [
        (("/lambda-entrypoint.sh",), ("app.handler",), "app.handler"),
        (("/main",), (), "/main"),
        ((), ("/bin/sh", "-c", "…"), "/bin/sh -c …"),
        (("/bin/sh",), ("-c", "…"), "/bin/sh -c …"),
        ((), (), ""),
    ],
)
def test_the_handler(entry_point: tuple[str, ...], command: tuple[str, ...], handler: str) -> None:
    assert handler_words(entry_point, command) == handler

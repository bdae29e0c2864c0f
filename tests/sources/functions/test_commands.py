"""What a function starts, read by the calls that a scan makes anyway."""

from __future__ import annotations

from jotgraph.analysis.lag.model import HandlerFrom
from jotgraph.analysis.lag.source import source_of
from jotgraph.graph import build
from jotgraph.records import Inventory
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.sources.conftest import Scan

SHA = "a" * 40


def _estate(aws: Sandbox) -> None:
    seed.repository(aws, "shop")
    labels = {"org.opencontainers.image.revision": SHA}
    config = seed.image_config(labels, command=["app.handler"])
    digest = seed.image(aws, "shop", "v1", config=config)
    seed.function(aws, "plain", image=f"shop@{digest}")
    seed.function(aws, "set", image="shop:v1", image_config={"Command": ["b.run"]})
    secret = {"EntryPoint": ["/bin/sh"], "Command": ["-c", "TOKEN=s3cret run"]}
    seed.function(aws, "shell", image="shop:v1", image_config=secret)
    seed.function(aws, "zip")


def _handlers(read: Inventory) -> dict[str, tuple[str, HandlerFrom]]:
    graph = build(read)
    sources = {function.name: source_of(graph, function.id) for function in read.functions}
    return {name: (source.handler, source.handler_from) for name, source in sources.items()}


def test_handlers_cost_no_call_of_their_own(aws: Sandbox, scan: Scan, one_commit: str) -> None:
    _estate(aws)
    read = scan(git=(one_commit,))
    handlers = {
        "plain": ("app.handler", HandlerFrom.IMAGE),
        "set": ("b.run", HandlerFrom.FUNCTION),
        "shell": ("/bin/sh -c …", HandlerFrom.FUNCTION),
        "zip": ("app.handler", HandlerFrom.PACKAGE),
    }
    assert _handlers(read) == handlers
    assert aws.calls.count("GetFunction") == 3
    assert aws.calls.count("GetDownloadUrlForLayer") == 1
    aws.calls.clear()
    assert _handlers(scan(git=(one_commit,), previous=read, refresh=False)) == handlers
    assert aws.calls.count("GetFunction") == 0


def test_what_was_not_asked_for_is_not_read(aws: Sandbox, scan: Scan, one_commit: str) -> None:
    _estate(aws)
    unread = ("", HandlerFrom.UNREAD)
    assert _handlers(scan()) == {
        "plain": unread,
        "set": ("b.run", HandlerFrom.FUNCTION),
        "shell": ("/bin/sh -c …", HandlerFrom.FUNCTION),
        "zip": ("app.handler", HandlerFrom.PACKAGE),
    }, "without a repository no config is read"
    quick = _handlers(scan(git=(one_commit,), quick=True))
    assert {name for name, handler in quick.items() if handler == unread} == {
        "plain",
        "set",
        "shell",
    }

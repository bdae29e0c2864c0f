"""The embedded AWS: starts on a loopback port, gives clients for it, and can be started over.

::

    with Sandbox() as aws:
        seed.repository(aws, "team/app")
        aws.client("ecr").describe_repositories()
        aws.calls.tally()                       # {"ecr:DescribeRepositories": 1}
        aws.faults.throttle("lambda", times=2)

One sandbox at a time per process: moto keeps its state in modules. Nothing global is changed by
it; ``environment()`` is for a child process or for ``monkeypatch.setenv``.
"""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from jotgraph.clients.sessions import service_models
from jotgraph.errors import SandboxError
from jotgraph.sandbox.world import ACCOUNT, REGION, Answer, World

_started = threading.Lock()
MOTO = "moto[server]>=5.2.1,<5.3"
"""What the extra ``demo`` installs; a test holds it to pyproject.toml."""


def refuse_elsewhere(host: str) -> None:
    """Raise SandboxError unless ``host`` is a loopback address or ``localhost``."""
    try:
        fine = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        fine = False
    if not fine:
        raise SandboxError(f"the sandbox stays on loopback; {host!r} is not a loopback address")


def refuse_elsewhere_url(url: str) -> None:
    """Raise SandboxError unless a URL leads to loopback."""
    refuse_elsewhere(urlsplit(url).hostname or url)


def require_moto() -> None:
    """Raise SandboxError, with the command that installs it, unless moto can be imported."""
    try:
        from jotgraph.sandbox import listen  # noqa: F401, PLC0415 -- moto takes a second to import
    except ImportError as error:
        raise SandboxError(
            f"the embedded AWS needs moto ({error}): python -m pip install '{MOTO}'"
        ) from error


class Sandbox:
    """An embedded AWS, usable as a context manager. ``calls`` logs every call, ``faults`` makes
    some of them fail, ``world`` is the state (``seed`` fills it directly). Raises SandboxError for
    an address that is not loopback, when one runs already, or when moto is not installed."""

    def __init__(
        self,
        *,
        account: str = ACCOUNT,
        region: str = REGION,
        host: str = "127.0.0.1",
        port: int = 0,
        require_layers: bool = True,
    ) -> None:
        refuse_elsewhere(host)
        self.account, self.region = account, region
        self._host, self._port, self._require_layers = host, port, require_layers
        self._server: Any = None
        self._thread: threading.Thread | None = None
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._making = threading.Lock()

    def start(self) -> Sandbox:
        """Listen; with port 0, on a free port."""
        if not _started.acquire(blocking=False):
            raise SandboxError("a sandbox runs in this process already; stop it first")
        try:
            self._start()
        except BaseException:
            _started.release()
            raise
        return self

    def _start(self) -> None:
        require_moto()
        from jotgraph.sandbox import listen  # noqa: PLC0415 -- moto takes a second to import

        self._listen = listen
        listen.forget_everything()
        self.world = World(require_layers=self._require_layers)
        self.app = listen.application(self.world)
        self.world.accounts["testing"] = self.account
        self._server = listen.Server(self._host, self._port, self.app)
        self.calls, self.faults = self.app.calls, self.app.faults
        host, port = self._server.server_address[:2]
        self.world.endpoint = self.endpoint = f"http://{host}:{port}"
        self._clients.clear()
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and forget everything. Does nothing when not running."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server.hang_up()
        if self._thread is not None:
            self._thread.join()
        self._server = None
        self._listen.forget_everything()
        _started.release()

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def reset(self) -> None:
        """Forget all resources, calls, faults and the policy; the address stays."""
        self._listen.forget_everything()
        endpoint = self.world.endpoint
        self.world.__dict__.update(World(require_layers=self._require_layers).__dict__)
        self.world.endpoint = endpoint
        self.world.accounts["testing"] = self.account
        self.app.allowed = None
        self.calls.clear()
        self.faults.clear()

    def environment(self, region: str | None = None) -> dict[str, str]:
        """Return the variables with which any AWS SDK calls the sandbox: dummy keys, no
        metadata."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_SESSION_TOKEN": "testing",
            "AWS_DEFAULT_REGION": region or self.region,
            "AWS_REGION": region or self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }

    def keys(self, account: str | None = None) -> Mapping[str, str]:
        """Dummy credentials that act in an account (this sandbox's own unless told)."""
        key = "testing"
        if account not in (None, self.account):
            key = f"testing-{account}"
            self.world.accounts[key] = str(account)
        return {"aws_access_key_id": key, "aws_secret_access_key": "testing"}

    def client(
        self, service: str, region: str | None = None, account: str | None = None, **options: Any
    ) -> Any:
        """Return a boto3 client of the sandbox; ``options`` are passed to ``Session.client``
        (``config=...``). A client without options is created once, because that takes as long as
        twenty calls."""
        if options:
            session = self.session(region, account)
            return session.client(service, endpoint_url=self.endpoint, **options)
        self.keys(account)  # a reset forgets whose they are
        key = (service, region or self.region, account or self.account)
        with self._making:
            if key not in self._clients:
                session = self.session(region, account)
                self._clients[key] = session.client(service, endpoint_url=self.endpoint)
            return self._clients[key]

    def session(self, region: str | None = None, account: str | None = None) -> Any:
        """A boto3 session with dummy keys. Its clients need ``endpoint_url=aws.endpoint``."""
        import boto3  # noqa: PLC0415 -- only when a client is wanted
        import botocore.session  # noqa: PLC0415 -- only when a client is wanted

        keys = self.keys(account)
        plain = botocore.session.get_session()
        plain.register_component("data_loader", service_models())
        return boto3.session.Session(
            keys["aws_access_key_id"],
            keys["aws_secret_access_key"],
            botocore_session=plain,
            region_name=region or self.region,
        )

    def enforce(self, document: Mapping[str, Any] | None) -> None:
        """Allow only what an IAM policy document allows; None allows everything again."""
        from jotgraph.sandbox.iam.policy import read_policy  # noqa: PLC0415 -- rarely needed

        self.app.allowed = None if document is None else read_policy(document)

    def answer(self, name: str, handler: Answer) -> None:
        """Let ``Invoke`` call a function of this process, for a Lambda function by its name or for
        an image by its digest, which takes precedence. Nothing else is ever run: without one the
        answer is ``null``."""
        self.world.answers[name] = handler

    def age_functions(self) -> int:
        """Make functions whose image is gone fail now, as Lambda does weeks later. Returns how
        many."""
        from jotgraph.sandbox.functions.runs import age  # noqa: PLC0415 -- rarely needed

        return age(self.world)

    def advance(self, seconds: float) -> None:
        """Put the sandbox's clock ahead."""
        self.world.ahead += seconds

"""A base image with Python and a runtime client, made of this machine's own files.

The public bases cannot be pulled where the tests run. What is built on this one speaks Lambda's
runtime API, and starts its handler as AWS's bases do: ``CMD ["app.handler"]``.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.rig.images import layer_of
from tests.rig.live import Rig

PYTHON = Path("/usr/bin/python3")
RIE = "/usr/local/bin/aws-lambda-rie"
CLIENT = """\
import importlib, json, os, sys, traceback, urllib.request
API = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/"
def post(path, value):
    body = json.dumps(value).encode()
    urllib.request.urlopen(urllib.request.Request(API + path, body)).close()
def failure(error):
    return {"errorMessage": str(error), "errorType": type(error).__name__,
            "stackTrace": traceback.format_exception(error)}
sys.path.insert(0, "/var/task")
os.chdir("/var/task")
module, _, name = sys.argv[1].rpartition(".")
try:
    handler = getattr(importlib.import_module(module), name)
except Exception as error:
    post("init/error", failure(error))
    sys.exit(1)
while True:
    with urllib.request.urlopen(API + "invocation/next") as response:
        request, event = response.headers["Lambda-Runtime-Aws-Request-Id"], json.load(response)
    try:
        answer = handler(event, None)
    except Exception as error:
        post(f"invocation/{request}/error", failure(error))
    else:
        post(f"invocation/{request}/response", answer)
"""
"""What ``python -m awslambdaric`` does, in short."""
EMULATOR = """\
#!/usr/bin/python3
import http.server, json, os, queue, subprocess, sys, threading
events, answers = queue.Queue(), queue.Queue()
class Handler(http.server.BaseHTTPRequestHandler):
    def reply(self, body, status=200):
        self.send_response(status)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.reply(events.get()) if self.path.endswith("/next") else self.reply(b"", 404)
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/2015-03-31/functions/function/invocations":
            answers.put(body)
            return self.reply(b"", 202)
        events.put(body)
        try:
            self.reply(answers.get(timeout=float(os.environ["AWS_LAMBDA_FUNCTION_TIMEOUT"])))
        except queue.Empty:
            self.reply(b"Task timed out after 1.00 seconds")
    def log_message(self, *args):
        pass
for port in (8080, 9001):
    server = http.server.ThreadingHTTPServer(("", port), Handler)
    threading.Thread(target=server.serve_forever).start()
environment = os.environ | {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"}
os._exit(subprocess.run(sys.argv[1:], env=environment).returncode)
"""
"""A stand-in for AWS's runtime interface emulator, with its ports and paths."""
PACK = """\
import sys
for name in ("ssl", "_hashlib", "_bz2", "_lzma"):  # linked with more, and done without
    sys.modules[name] = None
import importlib.util, marshal, os, shutil
import encodings.idna, http.server, json, queue, subprocess, threading, traceback, typing
import urllib.request
root, library = sys.argv[1:]
for module in list(sys.modules.values()):
    source = getattr(module, "__file__", None) or ""
    if not source.startswith(library):
        continue
    target = root + source
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if source.endswith(".py"):
        code = module.__spec__.loader.get_code(module.__spec__.name)
        with open(target + "c", "wb") as file:
            file.write(importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(code))
    else:
        shutil.copy(source, target)
"""
"""Writes what client, emulator and handlers import, compiled and without its source: a container
that compiles it starts a third of a second later, and every byte and every file is packed, pushed
and read many times."""


def put_python_base(
    rig: Rig, name: str, *, emulator: bool = False, handler: Mapping[str, bytes] | None = None
) -> None:
    """Make ``name`` of one layer: Python, the client as entry point, in front of it an emulator,
    and files of a handler. For each layer that is made or read the engine starts itself again."""
    start = ["/usr/bin/python3", "/client.py"]
    task = {f"var/task/{path}": content for path, content in (handler or {}).items()}
    programs, files = _python(), task | {"client.py": CLIENT.encode()}
    if emulator:
        programs, start = programs | {RIE.lstrip("/"): EMULATOR.encode()}, [RIE, *start]
    changes = [
        "ENV LAMBDA_TASK_ROOT=/var/task PYTHONUNBUFFERED=1",
        f"ENTRYPOINT {json.dumps(start)}",
        *(['CMD ["app.handler"]'] if handler else []),
    ]
    rig.put(name, layer_of(programs, files), *changes)


@cache
def _python() -> dict[str, bytes]:
    """Python, what it is linked with, and as much of its standard library as is imported: paths and
    contents, read once."""
    linked = subprocess.run(["ldd", PYTHON], capture_output=True, text=True, check=True).stdout
    libraries = [word for word in linked.split() if word.startswith("/")]
    library = Path("/usr/lib") / Path(PYTHON).resolve().name
    with TemporaryDirectory() as folder:
        subprocess.run([PYTHON, "-I", "-c", PACK, folder, library], check=True)
        packed = {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(Path(folder).rglob("*"))
            if path.is_file()
        }
    return packed | {
        source.lstrip("/"): Path(source).read_bytes() for source in (str(PYTHON), *libraries)
    }

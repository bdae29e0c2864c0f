"""A base image with Python and a runtime client, made of this machine's own files.

The public bases cannot be pulled where the tests run. What is built on this one speaks Lambda's
runtime API, and starts its handler as AWS's bases do: ``CMD ["app.handler"]``.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.rig.images import context
from tests.rig.live import Rig

PYTHON = Path("/usr/bin/python3")
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
_LEFT_OUT = (
    "test", "idlelib", "lib2to3", "tkinter", "__pycache__", "pydoc_data", "ensurepip", "distutils",
    "asyncio", "xml", "xmlrpc", "unittest", "multiprocessing", "wsgiref", "venv", "ctypes",
    "curses", "sqlite3", "dbm", "turtle.py", "doctest.py", "pydoc.py", "config-*", "*.a",
    "cp[0-9]*.py", "mac_*.py", "iso8859_*.py", "euc_*.py", "iso2022*.py", "koi8*.py",
    "_codecs_*.so", "_test*.so", "_sqlite3*.so", "_ctypes*.so", "_curses*.so", "_asyncio*.so",
)  # fmt: skip
"""What no handler of a test imports: every byte is packed, pushed and read many times."""


def build_python_base(rig: Rig, folder: Path, name: str, *, emulator: bool = False) -> None:
    """Build ``name``: Python, the client as entry point, and in front of it an emulator."""
    files: dict[str, str | bytes] = {"client.py": CLIENT, "opt/rie": EMULATOR}
    _copy_python(folder / "root")
    start = '"/usr/bin/python3", "/client.py"'
    command = f'"/usr/local/bin/aws-lambda-rie", {start}' if emulator else start
    recipe = (
        "FROM scratch\nCOPY root /\nCOPY client.py /client.py\n"
        + ("COPY opt/rie /usr/local/bin/aws-lambda-rie\n" if emulator else "")
        + f"ENV LAMBDA_TASK_ROOT=/var/task PYTHONUNBUFFERED=1\nENTRYPOINT [{command}]\n"
    )
    context(folder, files, recipe)
    (folder / "opt" / "rie").chmod(0o755)
    rig.build(folder, name)


def _copy_python(root: Path) -> None:
    """Python with its standard library and what it is linked with."""
    linked = subprocess.run(["ldd", PYTHON], capture_output=True, text=True, check=True).stdout
    libraries = [word for word in linked.split() if word.startswith("/")]
    for source in (str(PYTHON), *libraries):
        target = root / source.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(source).resolve(), target)
    library = Path("/usr/lib") / Path(PYTHON).resolve().name
    shutil.copytree(
        library,
        root / str(library).lstrip("/"),
        ignore=shutil.ignore_patterns(*_LEFT_OUT),
        symlinks=False,
        ignore_dangling_symlinks=True,
    )
    (root / "tmp").mkdir()

"""Fetch the JavaScript that the HTML page embeds, and that its tests check it with: pinned versions
from npm into ``vendor/`` of each.

    python tools/vendor_js.py           fetch, verify and write
    python tools/vendor_js.py --check   verify that what is vendored is what the pins say

``npm pack`` gets each package as the registry publishes it; nothing of it is run. The archive must
have the SHA-512 pinned below (npm's own ``dist.integrity``), and only two files are taken out of
it: the minified script and the licence. To move to a new version, change the version, run
``npm view NAME@VERSION dist.integrity``, read the changes, and run this.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "jotgraph" / "render" / "html" / "vendor"
TESTS = ROOT / "tests" / "render" / "html" / "vendor"


class Pin(NamedTuple):
    """A package, its version, its licence (SPDX) and the SHA-512 of its archive in base64."""

    name: str
    version: str
    licence: str
    sha512: str
    script: str = ""
    """Where the script is in the package; ``dist/NAME.min.js`` unless told."""
    folder: Path = PAGE


PINS = (
    Pin(
        "d3-dispatch", "3.0.2", "ISC",
        "sAzH4Y4nsLo8eSqw5jKiZt+LU2wZmL/qS+OkxQGjhwazB/D7TY34R/QK1eshfGr7cZEKymKZ/Haem7m+lu98Sg==",
    ),
    Pin(
        "d3-selection", "3.0.1", "ISC",
        "ODSf35vqCrlCfp7hrm0eZjvOosSXSYLjqvIlhMBV9q9VOx7EBJG6pc+uXBswEZNJgCGJ+qnKYcWutbZDIxe/Xg==",
    ),
    Pin(
        "d3-drag", "3.0.1", "ISC",
        "OWeoayCq8J69hUIjvL+Mb6Q6Oaj/fyHV5XaXByEUAG+JUjIfTGDnk3qGpcXrD3VmQ3BSV96fcbM6fqq7C0tbPA==",
    ),
    Pin(
        "d3-color", "3.1.1", "ISC",
        "lfab8x0Bj0UO7SNsY8dZSbNIA6ipbkE3X0NG9nqjCu6CfCHZseuDnOSJY7hidKrjpP++i1M2qT+FlAdPKYRilA==",
    ),
    Pin(
        "d3-interpolate", "3.0.2", "ISC",
        "IRzGU62DtxhvsnSTWMQIdnoZ6gA+BCWwBon1EJI6SjoN595799b6z/QRBzXfFhE8iupUPp3042yBNo0STPqnzQ==",
    ),
    Pin(
        "d3-timer", "3.0.2", "ISC",
        "1Il1aliroVSErrv5aulRBxAY+7+DnaoLIWGd1C6SsBTWDeobWiP/V69vwb8vT6abR1kKwaNe1196pmaQ1fK90A==",
    ),
    Pin(
        "d3-ease", "3.0.2", "BSD-3-Clause",
        "B5znKqRmKROAN4oHWQ50W/qisVjA9GXh2WMsVKdFVp4DxWmcrOsweqgUOUVsv5th96kwaZlokU6SlV4J3gak1w==",
    ),
    Pin(
        "d3-transition", "3.0.2", "ISC",
        "RcjCsdFgyFoDB+QXLC5m60ZkTN0k9zH+ovoLlTdJnDS1AbfbcuowiM4pCKSTOclNibS4f4J4cbv2m7O7y8NTOQ==",
    ),
    Pin(
        "d3-zoom", "3.0.1", "ISC",
        "kfjD3BDQu/FOatpZ6JdMSyIoDwTxIpI29ySTI2J5ZlDaH1WbuJGQJ2Q9oJkWTEZEW98j6idezoomSD3Cn2zwiw==",
    ),
    Pin(
        "axe-core", "4.14.1", "MPL-2.0",
        "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
        "axe.min.js", TESTS,
    ),
)  # fmt: skip
"""In the order in which they are embedded: each after what it needs."""


def fetch(pin: Pin, folder: Path) -> dict[str, bytes]:
    """The script and the licence of a package, by the names they get. Raises ValueError when the
    archive is not the one pinned."""
    subprocess.run(
        ["npm", "pack", "--silent", "--ignore-scripts", f"{pin.name}@{pin.version}"],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=120,
    )
    archive = folder / f"{pin.name}-{pin.version}.tgz"
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != pin.sha512:
        raise ValueError(f"{pin.name}@{pin.version} is sha512-{found}, not sha512-{pin.sha512}")
    with tarfile.open(archive) as packed:
        return {
            f"{pin.name}.js": _member(packed, f"package/{pin.script or f'dist/{pin.name}.min.js'}"),
            f"{pin.name}.LICENSE": _member(packed, "package/LICENSE"),
        }


def _member(packed: tarfile.TarFile, name: str) -> bytes:
    found = packed.extractfile(name)
    if found is None:
        raise ValueError(f"{name} is no file")
    return found.read()


def main(words: list[str]) -> int:
    """Write the vendored files, or with ``--check`` say which differ; 1 when some do."""
    parser = argparse.ArgumentParser(description="Fetch the JavaScript that the page embeds.")
    parser.add_argument("--check", action="store_true", help="compare only; write nothing")
    asked = parser.parse_args(words)
    differing = []
    with tempfile.TemporaryDirectory() as folder:
        for pin in PINS:
            for name, content in fetch(pin, Path(folder)).items():
                path = pin.folder / name
                if asked.check and (not path.exists() or path.read_bytes() != content):
                    differing.append(name)
                elif not asked.check:
                    path.parent.mkdir(exist_ok=True)
                    path.write_bytes(content)
                    print(f"{path.name}: {len(content):,} bytes of {pin.name}@{pin.version}")
    for name in differing:
        print(f"{name} is not what is pinned", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

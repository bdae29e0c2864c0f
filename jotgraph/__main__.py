"""``jotgraph`` and ``python -m jotgraph``: run the command line and exit."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; never returns."""
    from jotgraph.cli import cli  # noqa: PLC0415 -- importing this module runs nothing

    sys.exit(cli.main(prog_name="jotgraph", standalone_mode=True))


if __name__ == "__main__":
    main()

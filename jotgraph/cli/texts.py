"""Files of text that options name."""

from __future__ import annotations

from pathlib import Path


def lifecycle_policy(path: Path) -> str:
    """Return the text of a lifecycle policy of ECR. Raises OptionError, which names the file."""
    from jotgraph.analysis.lifecycle import read_rules  # noqa: PLC0415 -- only a run needs it
    from jotgraph.errors import OptionError  # noqa: PLC0415 -- what only a run needs
    from jotgraph.settings.files import read_text  # noqa: PLC0415 -- as above

    text = read_text(path, "a lifecycle policy of ECR")
    try:
        read_rules(text)
    except OptionError as error:
        raise OptionError(f"{path}: {error}") from error
    return text

"""From a folder to a function that answers: validate, build, test, push, deploy, invoke, one run.

Every stage begins with what is there, so the same command again makes nothing twice, and after an
interruption it goes on where it was. ``undo`` of the run takes back all that it made.
"""

from jotgraph.deploy.up.run_up import UpOptions, up
from jotgraph.deploy.up.stages import CasesFailedError, StageError

__all__ = ["CasesFailedError", "StageError", "UpOptions", "up"]

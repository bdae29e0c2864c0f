"""From a folder to a function that answers, in one run: validate, build, test, push, deploy,
invoke.

Every stage starts from what exists, so that repeating the command creates nothing twice, and
resumes after an interruption. ``undo`` of the run undoes all of it.
"""

from jotgraph.deploy.up.run_up import UpOptions, up
from jotgraph.deploy.up.stages import CasesFailedError, StageError

__all__ = ["CasesFailedError", "StageError", "UpOptions", "up"]

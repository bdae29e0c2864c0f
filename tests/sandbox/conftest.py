"""One sandbox for the tests of a file, put back before each."""

from tests.rig.file_sandbox import _sandbox as _sandbox
from tests.rig.file_sandbox import aws as aws

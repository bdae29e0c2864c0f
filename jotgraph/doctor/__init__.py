"""Examines the account, the machine and the program's assumptions about AWS, by reading only.

``examine`` runs the stages of a scan with a client that makes one call of each action, keeps the
responses, and passes them to pure checks: no list of calls is needed here.
"""

from jotgraph.doctor.examination import examine
from jotgraph.doctor.redaction import redact

__all__ = ["examine", "redact"]

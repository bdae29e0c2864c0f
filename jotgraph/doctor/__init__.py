"""Looks at the account, the machine and the program's assumptions about AWS, by reading only.

``examine`` runs the stages of a scan with a client that makes one call of each action, keeps what
was answered, and hands it to pure checks: nothing here lists calls of its own.
"""

from jotgraph.doctor.examination import examine
from jotgraph.doctor.redaction import redact

__all__ = ["examine", "redact"]

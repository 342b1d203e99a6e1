"""The local stack: real servers from wheels and the five services, kept running by one supervisor.

`Stack(data, profile="rehearsal", services=False)` is the way in; `fangbang up` uses it too.
"""

from deploy.stack.names import SERVICES
from deploy.stack.refusal import StackRefusal
from deploy.stack.stack import Row, Stack

__all__ = ["SERVICES", "Row", "Stack", "StackRefusal"]

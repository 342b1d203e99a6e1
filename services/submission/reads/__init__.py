"""What the desk shows: the queue, a case's history, who is at it."""

"""What a person or a workflow may do in ranking: check the rule, then row + audit row + outbox rows."""

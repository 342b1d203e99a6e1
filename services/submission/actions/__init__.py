"""What a person or a workflow may do here: check the rule, change rows, audit, state facts; one transaction each."""

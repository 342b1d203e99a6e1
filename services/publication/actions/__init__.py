"""What a person or a workflow may do here; each works in the transaction it is given and never commits."""

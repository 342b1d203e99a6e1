"""Accounts: who may sign in as what, sessions and tokens, and two persons' agreement to one act."""

"""Rules of accounts: who may be one, what proves a person, how long that holds, what two persons agree to."""

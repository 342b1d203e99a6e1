"""The ledger: what every service's audit said, without gaps, chained, and witnessed by signed checkpoints.

Once appended it is truth and never rebuilt. Appending and signing are not audited: they would feed themselves.
"""

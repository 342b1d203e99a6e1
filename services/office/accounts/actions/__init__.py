"""What may be done with accounts: people, invitations, registrations, work handed over, two persons' tickets."""

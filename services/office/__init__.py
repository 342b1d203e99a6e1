"""Office 办公室: plans, informs, signs tokens and keeps the ledger; holds no decision about a case.

Owns accounts and tickets, cycles with their plan of stages and a read copy of the stage rows, imported calendars,
notices to addressees, and the ledger.

Publishes: cycle.opened, category.opened, stage.change_requested, clock.moved, calendar.imported, account.revoked,
enterprise.registered, checkpoint.signed, ledger.appended, release.dated, part.deposited.
Consumes: stage.opened/changed/closed and notice.due and audit.sequenced of every service, ranking.list.fixed,
ranking.seat.filled, publication.category.released, publication.cycle.released, publication.bundle.wanted.
"""

"""专家审查: expert pools, draw, undertakings, sealed sheets, quorum, unsealing, exact means, order of events.

Owns the stages ``panel_review`` and ``event_ordering``. States ``review.stage.*``, ``review.panel.drawn``,
``review.panel.unsealed``, notices to experts and bundle parts; takes in amendments of cases and the ledger's progress.
"""

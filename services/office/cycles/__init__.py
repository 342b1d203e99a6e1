"""Cycles: a year's run of a rulebook, its categories, the plan of their stages, and a read copy of the stage rows."""

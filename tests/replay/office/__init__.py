"""Recorded histories of office's workflows; `python -m tests.replay.office.record` records them anew."""

"""Consistency checks over the tables of a report or the figures of one case, as the rulebook declares them.

``read_report`` turns the report's files into tables, ``crosscheck`` says what does not agree in them, ``check_case``
the same of one filed form. Pure: the files are read by who calls.
"""

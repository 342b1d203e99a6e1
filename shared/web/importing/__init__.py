"""Imports from workbooks, alike in every service: the acts and the pages."""

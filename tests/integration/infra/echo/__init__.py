"""A tiny service of the tests: one table, one workflow, one consumer; it exercises the nervous system alone."""

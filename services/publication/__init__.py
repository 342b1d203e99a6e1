"""公示 + 异议 + 发布: what the city may read, when, and how it may answer.

Owns postings (calls and notices), publicity with its objections, public votes, releases, bundles and every
pre-rendered public page. States ``posting.recorded``, ``objection.ruled``, ``bundle.wanted``, ``category.released``,
``cycle.released`` and the changes of its stages; takes in cycles, categories and release dates from office, fixed
lists and filled seats from ranking, amendments from submission, bundle parts from all, and how stages stand.
"""

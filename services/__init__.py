"""The five services; none of them imports another.

A start makes some hundred thousand objects that all stay: looking through them again and again for garbage would
take a fifth of it.
"""

import gc

gc.set_threshold(100_000, 20, 20)

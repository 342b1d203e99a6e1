"""Files that must never be kept as evidence: types × tricks, generated."""

from tests.attacks.archives import archives
from tests.attacks.names import cut, names, other_content
from tests.attacks.office import office
from tests.attacks.pdfs import pdfs
from tests.attacks.pictures import images, polyglots
from tests.attacks.what import EICAR, Attack

__all__ = ["EICAR", "Attack", "attacks"]


def attacks() -> list[Attack]:
    """All of them."""
    return [*names(), *other_content(), *polyglots(), *cut(), *pdfs(), *office(), *archives(), *images()]

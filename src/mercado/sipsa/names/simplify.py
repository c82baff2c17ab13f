"""What two spellings of one name have in common: their words, without case, accents and punctuation."""

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")


# Heads, legends and names come again and again; the bound only keeps a source that writes nonsense out of the memory.
@lru_cache(32_768)
def simplified(text: str) -> str:
    """Return the words of a name, as they are compared: case-folded, without accents, one space between them.

    Everything but letters and digits only parts words, so a trailing ``*``, doubled spaces, line breaks in a cell and
    ``D,C,,`` for ``D.C.,`` leave no trace, and "San Gil (Santander)panela" is "San Gil (Santander), panela".
    Simplifying twice changes nothing.

    Args:
        text: As the source writes it; Latin letters are expected, any other text is accepted.

    Returns:
        Such as ``bogota d c corabastos``; empty where there is neither letter nor digit.
    """
    return " ".join(_WORD.findall(_without_marks(_without_marks(text).casefold())))


def tidied(text: str) -> str:
    """Return a name for display that no table knows: the source's text without ``*`` and superfluous white space."""
    return " ".join(text.replace("*", " ").split())


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.category(character).startswith("M"))

"""What a step of the retention let go of."""

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Removed:
    """How much one step removed, or would have.

    Attributes:
        what: Noun in the plural, such as ``files``.
        count: How many.
        byte_count: Their size on disk, in bytes; 0 for rows of a database, whose size nobody states.
    """

    what: str
    count: int = 0
    byte_count: int = 0

    def plus(self, byte_count: int) -> "Removed":
        """Return the sum with one more of them."""
        return Removed(self.what, self.count + 1, self.byte_count + byte_count)

    def sentence(self, *, dry_run: bool = False) -> str:
        """Return it in words."""
        size = f", {self.byte_count / MEGABYTE:,.1f} MB" if self.byte_count else ""
        return f"{self.count:,} {self.what} {'would be removed' if dry_run else 'removed'}{size}"

"""Revisions: rows whose prices change between two calls, as a publisher corrects them."""

from typing import Final, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from mercado.sipsa.contract import OPERATIONS

_MOST_REVISED: Final = 10_000
_NAMES: Final = frozenset(operation.name for operation in OPERATIONS)


class Revision(BaseModel):
    """A revision of some rows' prices: of ``rows`` rows that ``seed`` picks, or of those at ``positions``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    operation: str = Field(description="Name of the operation.")
    rows: int | None = Field(default=None, ge=1, le=_MOST_REVISED, description="How many rows change.")
    positions: tuple[int, ...] | None = Field(default=None, max_length=_MOST_REVISED, description="Which, from 0.")
    factor: float = Field(default=1.1, gt=0, le=100, description="By what their prices are multiplied.")
    seed: int = Field(default=0, ge=0, description="Picks the rows.")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.operation not in _NAMES:
            message = f"no operation {self.operation!r}; there are {', '.join(sorted(_NAMES))}"
            raise ValueError(message)
        if (self.rows is None) == (self.positions is None):
            message = "give either rows or positions"
            raise ValueError(message)
        return self

    def picked(self, available: int) -> list[int]:
        """Return the positions of the rows that change, of ``available``.

        Raises:
            IndexError: There are not so many rows.
        """
        positions = self.positions if self.rows is None else range(self.rows)
        wanted = sorted(set(positions or ()))
        if wanted and not 0 <= wanted[0] <= wanted[-1] < available:
            message = f"{self.operation} has {available} rows, numbered from 0; cannot revise {wanted[-1]}"
            raise IndexError(message)
        if self.rows is None:
            return wanted
        rng = np.random.default_rng(self.seed)
        return [int(position) for position in np.sort(rng.choice(available, self.rows, replace=False))]

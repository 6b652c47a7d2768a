"""Lists in pages."""

from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")

SIZES = (25, 50, 100, 200)


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list: `number` counts from 1, `total` counts all items."""

    items: Sequence[T]
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


def window(number: int, size: int) -> tuple[int, int]:
    """LIMIT and OFFSET of a page; silly numbers are brought into range."""
    size = min(max(size, 1), SIZES[-1])
    return size, (min(max(number, 1), 1_000_000) - 1) * size

"""A cache of computed values, bounded by their cost."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class BoundedCache(Generic[Key, Value]):
    """``cost`` weighs an entry. Above ``max_cost`` in total, the least recently used entry is dropped."""

    def __init__(self, *, max_cost: int, cost: Callable[[Key, Value], int]) -> None:
        self._max_cost = max_cost
        self._cost_of = cost
        self._cost = 0
        self._entries: OrderedDict[Key, Value] = OrderedDict()

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value of ``key``, computed by ``make`` unless it is cached."""
        if key in self._entries:
            self._entries.move_to_end(key)
            return self._entries[key]
        value = make()
        cost = self._cost_of(key, value)
        if cost <= self._max_cost:
            self._entries[key] = value
            self._cost += cost
            while self._cost > self._max_cost:
                self._cost -= self._cost_of(*self._entries.popitem(last=False))
        return value

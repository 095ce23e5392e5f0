"""Remembers what was made of a key, within a bound."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class BoundedCache(Generic[Key, Value]):
    """``cost`` tells what a value weighs; above ``max_cost`` the one not asked for longest goes first."""

    def __init__(self, *, max_cost: int, cost: Callable[[Key, Value], int]) -> None:
        self._max_cost = max_cost
        self._cost_of = cost
        self._cost = 0
        self._kept: OrderedDict[Key, Value] = OrderedDict()

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value of ``key``, made now or before."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        value = make()
        cost = self._cost_of(key, value)
        if cost <= self._max_cost:
            self._kept[key] = value
            self._cost += cost
            while self._cost > self._max_cost:
                self._cost -= self._cost_of(*self._kept.popitem(last=False))
        return value

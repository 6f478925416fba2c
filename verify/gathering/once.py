"""A property that is computed once, even if that fails."""

from collections.abc import Callable
from typing import Any


class once[T]:  # noqa: N801  # used like property
    """Computes a property at its first use. Later uses get the same value, or the same error, without another try."""

    def __init__(self, compute: Callable[[Any], T]) -> None:
        """Takes the method that computes the value."""
        self.compute, self.__doc__ = compute, compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        """Learns the property's name."""
        self.name = f"_{name}_once"

    def __get__(self, instance: Any, owner: type) -> T:
        """The value.

        Raises:
            Exception: the first try failed so.
        """
        if self.name not in instance.__dict__:
            try:
                instance.__dict__[self.name] = (self.compute(instance), None)
            except Exception as error:  # whatever it is, it is the same for all who ask
                instance.__dict__[self.name] = (None, error)
        value, failure = instance.__dict__[self.name]
        if failure:
            raise failure
        return value  # type: ignore[no-any-return]

"""The exception for everything that `ship` reports as an error."""

UNDONE = 2


class Problem(Exception):  # noqa: N818  # a problem of the caller, not a bug
    """An error: its cause, what the caller can do, and the exit code."""

    def __init__(self, what: str, to_do: str = "", code: int = UNDONE) -> None:
        super().__init__(what)
        self.what, self.to_do, self.code = what, to_do, code

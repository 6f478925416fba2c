"""What keeps `ship` from doing what it was asked for."""

UNDONE = 2


class Problem(Exception):  # noqa: N818  # it is the caller's, not a fault of the program
    """A sentence for the caller that says what is the matter, one that says what to do, and the command's exit code."""

    def __init__(self, what: str, to_do: str = "", code: int = UNDONE) -> None:
        super().__init__(what)
        self.what, self.to_do, self.code = what, to_do, code

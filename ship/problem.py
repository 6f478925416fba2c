"""What keeps `ship` from doing what it was asked for."""


class Problem(Exception):  # noqa: N818  # it is the caller's, not a fault of the program
    """A sentence for the caller that says what is the matter, and one that says what to do."""

    def __init__(self, what: str, to_do: str = "") -> None:
        super().__init__(what)
        self.what, self.to_do = what, to_do

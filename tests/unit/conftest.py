"""How hypothesis runs here: the same examples each time, without a clock, and nothing kept from run to run."""

from hypothesis import settings

settings.register_profile("unit", database=None, deadline=None, derandomize=True)
settings.load_profile("unit")

"""`make verify-aws`: tries each assumption about AWS on a real account, and reports which ones hold."""

import ship  # noqa: F401  # from now on, functions/core is found

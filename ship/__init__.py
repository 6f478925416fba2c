"""The command `ship`: uploads a folder, follows its build, and reports the result. It uses only AWS APIs.

ship shares the packages `core` and `aws` with the Lambda functions. In the wheel they are in ship/functions, so that
`ship` is the only name in site-packages; in a checkout they are in functions/. That folder comes first on sys.path:
otherwise a project's own package `core` could be imported instead (PYTHONPATH=.).
"""

import sys
from pathlib import Path

SHARED = next(
    folder
    for folder in (Path(__file__).parent / "functions", Path(__file__).parents[1] / "functions")
    if (folder / "core").is_dir()
)
sys.path.insert(0, str(SHARED))

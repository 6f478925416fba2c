"""The uploader's command: sends a folder, follows its build, and reports the result, through AWS's APIs alone.

ship decides with the functions' own core, which Lambda imports as `core`. Installed, that package lies in
ship/functions, so that the wheel adds no name to site-packages except `ship`; in a checkout it lies in functions/. The
folder goes first on ship's own path: otherwise a project's package `core` would be imported instead (PYTHONPATH=.).
"""

import sys
from pathlib import Path

SHARED = next(
    folder
    for folder in (Path(__file__).parent / "functions", Path(__file__).parents[1] / "functions")
    if (folder / "core").is_dir()
)
sys.path.insert(0, str(SHARED))

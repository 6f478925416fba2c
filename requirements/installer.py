"""Runs uv with the settings that pip has on this machine: `installer.py pip install …`.

uv reads neither pip's files nor its PIP_… variables. A machine that gets packages only from an index of its own has it
configured for pip, so uv learns it from there. What is set for uv itself, in UV_… variables, comes first.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

INDEXES = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX"}
"""Where packages come from, by pip's name and by uv's variable."""
OLDER_NAMES = ("UV_INDEX_URL", "UV_EXTRA_INDEX_URL")
"""uv's other variables for the same."""
OTHERS = {
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "constraint": "UV_CONSTRAINT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "find-links": "UV_FIND_LINKS",
    "proxy": "ALL_PROXY",
    "retries": "UV_HTTP_RETRIES",
    "timeout": "UV_HTTP_TIMEOUT",
    "trusted-host": "UV_INSECURE_HOST",
}
"""Settings that don't depend on each other."""
SECTIONS = ("global", "install", ":env:")
"""Those of pip's settings that hold for `pip install`; a later one replaces an earlier one."""


def pip_settings(listing: str) -> dict[str, str]:
    """The settings of `pip install`, from what `pip config list` prints."""
    found: dict[str, dict[str, str]] = {section: {} for section in SECTIONS}
    for line in listing.splitlines():
        name, equals, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if equals and section in found:
            found[section][key] = str(ast.literal_eval(value))
    return {key: value for section in SECTIONS for key, value in found[section].items()}


def uv_variables(pip: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that give uv pip's settings, without those that the environment sets already."""
    chosen = {variable: pip[name] for name, variable in OTHERS.items() if pip.get(name)}
    if not any(environment.get(name) for name in (*INDEXES.values(), *OLDER_NAMES)):
        chosen |= {variable: pip[name] for name, variable in INDEXES.items() if pip.get(name)}
    if "UV_INDEX" in chosen:
        chosen["UV_INDEX_STRATEGY"] = "unsafe-best-match"  # pip, too, takes a version wherever it is
    separator = {"UV_FIND_LINKS": ","}
    return {
        variable: separator.get(variable, " ").join(value.split())
        for variable, value in chosen.items()
        if not environment.get(variable)
    }


def main() -> None:
    """Becomes uv."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    pip = pip_settings(listed)
    uv = Path(sys.executable).with_name("uv")
    offline = ["--no-index"] if pip.get("no-index", "").lower() in {"1", "true", "yes", "on"} else []
    os.execve(uv, [str(uv), *sys.argv[1:], *offline], {**os.environ, **uv_variables(pip, os.environ)})  # noqa: S606


if __name__ == "__main__":
    main()

"""The example's programs, loaded as they are when they run: with their own folder first on the path."""

import importlib
import sys
from types import ModuleType

import pytest

from tests.support.stack import ROOT

FOLDER = ROOT / "examples" / "ecs-service"
DEPLOYING = {"deploy", "watch", "hints", "network", "problems", "rules", "auto_deploy", "auto_deploy.failures"}
MODULES = {"follow", "failures", "decision", "seen", "gathering", "ledger", *DEPLOYING}


def loaded(monkeypatch: pytest.MonkeyPatch, name: str, folder: str = "") -> ModuleType:
    """A fresh module of the example; nothing of it stays."""
    monkeypatch.syspath_prepend(FOLDER / folder)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # auto_deploy/ is packaged whole
    module = importlib.import_module(name)
    for each in MODULES & sys.modules.keys():
        del sys.modules[each]
    return module

"""Runs a builder command: `python3 -I functions fetch` in a clone, `python3 -I builder.zip fetch` in a build."""

import sys

from builder.build import main

sys.exit(main(sys.argv[1:]))

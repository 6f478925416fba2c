"""The stack's code as a program: `python3 -I functions <verb>` is the builder, which a build runs as builder.zip."""

import sys

from builder.build import main

sys.exit(main(sys.argv[1:]))

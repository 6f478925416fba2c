"""A zip that can be built."""

from tests.support.zips import zipped

GOOD = zipped({"Dockerfile": "FROM scratch\n", "src/main.py": "print()\n"})
GIB = 1024**3

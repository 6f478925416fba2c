"""The limit on an entry's extra fields, which bounds the work of reading a crafted zip.

For each field, zipfile copies the rest of the entry's extra. For an extra of 64 KiB that is up to 500 MiB, and a
directory of 4 MiB has room for 62 of them.
"""

import struct

MOST = 32
"""Fields of one entry. In the tests' zips, from some 20 archivers, no entry has more than two."""
# APPNOTE 4.3.12 and 4.5.1 of PKWARE
SIGNATURE = b"PK\1\2"
HEADER, FIELD = struct.Struct("<4s24xHHH12x"), struct.Struct("<HH")


def are_too_many(directory: bytes) -> bool:
    """Whether an entry of a central directory has more fields than any archiver writes; False for other bytes."""
    start = 0
    while start + HEADER.size <= len(directory):
        signature, name, extra, comment = HEADER.unpack_from(directory, start)
        if signature != SIGNATURE:
            return False
        place = start + HEADER.size + name
        start = place + extra + comment
        stop = min(place + extra, len(directory)) - FIELD.size
        fields = 0
        while place <= stop:
            place += FIELD.size + FIELD.unpack_from(directory, place)[1]
            fields += 1
            if fields > MOST:
                return True
    return False

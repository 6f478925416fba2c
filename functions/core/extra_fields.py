"""How much work the extra fields of a zip's entries are.

For each field, zipfile copies what is left of the entry's extra: up to 500 MiB in all for an extra of 64 KiB, of which
a directory of 4 MiB can have 62.
"""

import struct

MOST = 32
"""Fields of one entry. The tests' zips by some 20 archivers have two at most."""
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

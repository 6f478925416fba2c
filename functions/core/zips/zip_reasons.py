"""The reasons why an upload can't be read, unpacked or built."""

from core.reasons import Reason

KEY_UNUSABLE = Reason(
    "key-unusable", "The key is too long or has control characters. Upload the zip again under a plain name."
)
UNREADABLE = Reason(
    "source-unreadable", "This version is gone or encrypted with a key that builds may not use. Upload it again."
)
NOT_A_ZIP = Reason("not-a-zip", "This is not a zip file or its end is missing. Make a zip and upload it again.")
DAMAGED = Reason("zip-damaged", "The directory of this zip cannot be read. Make the zip again and upload it.")
TOO_MANY = Reason("too-many-entries", "The zip has more than about 30000 entries. Leave out node_modules and .git")
ENCRYPTED = Reason("encrypted", "The zip is encrypted. Upload it without a password.")
NOT_REGULAR = Reason("no-dockerfile", "The Dockerfile is a link or a folder. Put the file itself into the zip.")


def too_large(most_mib: int) -> Reason:
    """The zip is larger than MaxSourceMiB."""
    return Reason("too-large", f"The zip is larger than {most_mib} MiB. Leave out what the image does not need.")


def file_too_large(name: str) -> Reason:
    """A file in the zip is too large."""
    return Reason("too-large", f"{name} is larger than 2 GiB. Leave out what the image does not need.")


def unpacks_too_large(largest: str) -> Reason:
    """The files in the zip are too large together."""
    return Reason(
        "too-large",
        f"The zip unpacks to more than 8 GiB. The largest file is {largest}. Leave out what the image does not need.",
    )


def unsupported(name: str, method: str) -> Reason:
    """A file is compressed in a way that the builder can't read."""
    return Reason("zip-damaged", f"{name} is compressed by {method} which is not supported. Use Deflate.")


def impossible_name(name: str) -> Reason:
    """A name that Linux or the builder can't hold."""
    return Reason("zip-damaged", f"The name {name} is too long or too deep or has a zero in it. Shorten it.")


def stands_twice(name: str) -> Reason:
    """Two different entries have the same path."""
    return Reason("zip-damaged", f"The zip holds {name} twice and not the same. Make the zip again.")


def no_dockerfile(name: str, hint: str | None) -> Reason:
    """There is no Dockerfile where it should be; the hint says what to do."""
    place = f"There is no file {name} at the top of the zip or in its only folder."
    return Reason("no-dockerfile", f"{place} {hint}" if hint else place)


def rename(name: str, wanted: str) -> str:
    """A hint: the Dockerfile has another name."""
    return f"There is {name}: name it {wanted}"


def elsewhere(folder: str, path: str | None) -> str:
    """A hint: a Dockerfile is deeper, at this path below the source's folder."""
    option = f" or deploy the stack with DockerfilePath={path}" if path else ""
    return f"There is one in {folder}: zip what is in that folder{option}"


def zip_inside(name: str) -> str:
    """A hint: the zip holds a zip."""
    return f"There is {name} in it: upload that one."


def unreadable(said: str) -> Reason:
    """This version is gone, or builds may not read it."""
    return Reason(UNREADABLE.code, f"This version of the upload cannot be read. Upload it again. {said}")


def not_unpacked(said: str) -> Reason:
    """The zip's data is damaged; its directory doesn't show that."""
    return Reason(DAMAGED.code, f"The zip cannot be unpacked. Make it again. {said}")

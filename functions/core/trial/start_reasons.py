"""Why an image can't start. core/trial/refusals.py detects each. `said` quotes the engine or the kernel."""

from core.reasons import SYSTEM_FAULT, Reason

NO_PROGRAM = "no-program"
STARTS_NOTHING = Reason(NO_PROGRAM, "The image has no command. Give the Dockerfile a CMD or an ENTRYPOINT.")
UNLABELLED = Reason(
    "build-failed", "The image lacks the labels of the build. Remove the line syntax= from the Dockerfile."
)


def engine_fails(said: str) -> Reason:
    """The engine that tries the image is at fault."""
    return Reason(SYSTEM_FAULT, f"The engine failed. {said}")


def not_started(said: str) -> Reason:
    """The engine refused the image in words that the builder doesn't know."""
    return Reason("not-started", f"The engine refused to start the image. {said}")


def image_for(platform: str) -> Reason:
    """The image declares another platform."""
    return Reason("wrong-architecture", f"The image is for {platform} and must be for linux/arm64.")


def program_for(program: str, machine: str) -> Reason:
    """The image starts a program for another machine."""
    return Reason(
        "wrong-architecture",
        f"{program} is for {machine} and not for arm64. Look for --platform and an amd64 digest in FROM and for GOARCH "
        "and programs that were downloaded.",
    )


def user_missing(user: str, said: str) -> Reason:
    """The image's USER or its group is in neither /etc/passwd nor /etc/group."""
    return Reason(NO_PROGRAM, f"USER {user} is not in the image. Add that user and group or leave USER out. {said}")


def user_out_of_range(user: str, said: str) -> Reason:
    """The id of the image's USER or group, given directly or in /etc/passwd, is too large for the engine."""
    return Reason(NO_PROGRAM, f"USER {user} has an id outside the range 0-2147483647. Choose another. {said}")


def volume_refused(volume: str, said: str) -> Reason:
    """A VOLUME is where the engine or the kernel has its own files."""
    advice = "Remove it." if volume.startswith("/") else "Give it an absolute path."
    return Reason(NO_PROGRAM, f"A VOLUME cannot be at {volume}. {advice} {said}")


def volume_is_file(path: str, said: str) -> Reason:
    """A VOLUME is a file of the image."""
    return Reason(NO_PROGRAM, f"VOLUME {path} is a file in the image. Name a folder. {said}")


def place_taken(path: str, said: str) -> Reason:
    """The image has a folder where the engine mounts a file, or vice versa."""
    return Reason(
        NO_PROGRAM, f"The engine cannot mount its own {path} over the one in the image. Remove {path} from it. {said}"
    )


def folder_refused(folder: str, said: str) -> Reason:
    """The working folder is a file, or closed to the image's USER."""
    return Reason(NO_PROGRAM, f"WORKDIR {folder} is not a folder or the USER of the image may not enter it. {said}")


def empty_word(said: str) -> Reason:
    """The exec form has an empty first word."""
    return Reason(
        NO_PROGRAM,
        f"The first word of the CMD or ENTRYPOINT is empty. Name a program. {said}",
    )


def variable(word: str, said: str) -> Reason:
    """The exec form names its program with a variable."""
    return Reason(
        NO_PROGRAM,
        f"CMD and ENTRYPOINT in exec form expand no variables and the image has no program {word}. Name the program "
        f"itself or use the shell form. {said}",
    )


def one_word(word: str, said: str) -> Reason:
    """The exec form has a whole command in its first word."""
    return Reason(
        NO_PROGRAM, f"CMD or ENTRYPOINT has a whole command in one word: {word}. Write each word separately. {said}"
    )


def missing(path: str, said: str) -> Reason:
    """There is no such file."""
    return Reason(NO_PROGRAM, f"The image starts {path} which is not in it. {said}")


def missing_in_path(name: str, said: str) -> Reason:
    """No folder of the image's PATH has a program of that name."""
    return Reason(NO_PROGRAM, f"The image starts {name} which is in no folder of its PATH. {said}")


def relative_path(word: str, said: str) -> Reason:
    """The program is in a folder of PATH that doesn't begin with a slash."""
    return Reason(NO_PROGRAM, f"{word} is in a relative folder of PATH. Begin each folder of PATH with a slash. {said}")


def folder(path: str, said: str) -> Reason:
    """The image starts a folder."""
    return Reason(NO_PROGRAM, f"The image starts {path} which is a folder. Name the program in it. {said}")


def not_executable(path: str, said: str) -> Reason:
    """Nobody may execute the file."""
    return Reason(NO_PROGRAM, f"{path} is not executable. Use COPY --chmod=755 or RUN chmod +x. {said}")


def not_permitted(path: str, said: str) -> Reason:
    """The image's USER may not execute the program or read the script."""
    return Reason(NO_PROGRAM, f"The USER of the image may not read or execute {path}. Use chmod 755. {said}")


def byte_order_mark(path: str, said: str) -> Reason:
    """A script has three bytes before its `#!`."""
    return Reason(NO_PROGRAM, f"The script {path} begins with a byte order mark. Save it as UTF-8 without one. {said}")


def utf_16(path: str, said: str) -> Reason:
    """A script has two bytes per character."""
    return Reason(NO_PROGRAM, f"The script {path} is written in UTF-16. Save it as UTF-8 without a BOM. {said}")


def for_system(path: str, system: str, said: str) -> Reason:
    """A program is for another operating system."""
    return Reason(NO_PROGRAM, f"{path} is a program for {system} and not for Linux. Build it for linux/arm64. {said}")


def empty_file(path: str, said: str) -> Reason:
    """A program is a file without content."""
    return Reason(NO_PROGRAM, f"{path} is an empty file. {said}")


def no_format(path: str, said: str) -> Reason:
    """The kernel can't start the file."""
    return Reason(
        NO_PROGRAM,
        f"{path} is neither a Linux program nor a script with an interpreter in its first line. {said}",
    )


def damaged(path: str, said: str) -> Reason:
    """The kernel can't load a program for arm64."""
    return Reason(NO_PROGRAM, f"{path} is damaged or cut short. {said}")


def windows_line_ends(script: str, said: str) -> Reason:
    """A script's first line ends in CR, which becomes part of its interpreter's name or argument."""
    return Reason(
        NO_PROGRAM,
        f"The script {script} has line ends of Windows so Linux cannot start it. Save it with LF. {said}",
    )


def loader_missing(path: str, loader: str, said: str) -> Reason:
    """A program needs the C library of another distribution."""
    return Reason(
        NO_PROGRAM,
        f"{path} needs the loader {loader} that the image does not have. Compile it in the image or statically. {said}",
    )


def interpreter_missing(script: str, interpreter: str, said: str) -> Reason:
    """A script asks for a program that isn't there."""
    return Reason(NO_PROGRAM, f"The script {script} asks for {interpreter} which is not in the image. {said}")


def interpreter_refused(script: str, interpreter: str, said: str) -> Reason:
    """A script asks for a program that the kernel can't start."""
    return Reason(NO_PROGRAM, f"The script {script} asks for {interpreter} which cannot be started. {said}")


def env_takes_one_word(script: str, words: str, said: str) -> Reason:
    """A script has `env` look for a program whose name has spaces."""
    return Reason(
        NO_PROGRAM, f"The script {script} has env look for {words} as one program. Write env -S there. {said}"
    )


def scripts_in_a_circle(script: str, said: str) -> Reason:
    """A script asks for itself, or for too many others in a row."""
    return Reason(NO_PROGRAM, f"The script {script} asks for too many scripts or for itself. {said}")


def too_long(said: str) -> Reason:
    """The image's variables and command are longer than the kernel allows."""
    return Reason(
        NO_PROGRAM,
        f"ENV and CMD of the image are longer than Linux allows: 128 KiB each and 2 MiB together. Shorten them. {said}",
    )


def cannot_start(word: str, said: str) -> Reason:
    """The engine or the kernel refuses the program; its words say why."""
    return Reason(NO_PROGRAM, f"The image starts {word} which cannot be started. {said}")

"""The reasons why an image can't start: a table of sentences. core/trial/refusals.py detects each."""

from dataclasses import dataclass

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


def volume_refused(volume: str, said: str) -> Reason:
    """A VOLUME is where the engine or the kernel has its own files."""
    advice = "Remove it." if volume.startswith("/") else "Give it an absolute path."
    return Reason(NO_PROGRAM, f"A VOLUME cannot be at {volume}. {advice} {said}")


@dataclass(frozen=True)
class NoProgram:
    """A sentence for the code `no-program`, with a gap for each name that it quotes."""

    sentence: str

    def __call__(self, *names_and_said: str) -> Reason:
        """The reason with these names in the gaps. The last argument follows: what the engine or the kernel said."""
        *names, said = names_and_said
        return Reason(NO_PROGRAM, f"{self.sentence.format(*names)} {said}")


# The image's configuration
user_missing = NoProgram("USER {} is not in the image. Add that user and group or leave USER out.")
user_out_of_range = NoProgram("USER {} has an id outside the range 0-2147483647. Choose another.")
volume_is_file = NoProgram("VOLUME {} is a file in the image. Name a folder.")
place_taken = NoProgram("The engine cannot mount its own {0} over the one in the image. Remove {0} from it.")
folder_refused = NoProgram("WORKDIR {} is not a folder or the USER of the image may not enter it.")
too_long = NoProgram(
    "ENV and CMD of the image are longer than Linux allows: 128 KiB each and 2 MiB together. Shorten them."
)

# The word that names the program
empty_word = NoProgram("The first word of the CMD or ENTRYPOINT is empty. Name a program.")
variable = NoProgram(
    "CMD and ENTRYPOINT in exec form expand no variables and the image has no program {}. Name the program itself or "
    "use the shell form."
)
one_word = NoProgram("CMD or ENTRYPOINT has a whole command in one word: {}. Write each word separately.")
missing = NoProgram("The image starts {} which is not in it.")
missing_in_path = NoProgram("The image starts {} which is in no folder of its PATH.")
relative_path = NoProgram("{} is in a relative folder of PATH. Begin each folder of PATH with a slash.")

# The file
folder = NoProgram("The image starts {} which is a folder. Name the program in it.")
not_executable = NoProgram("{} is not executable. Use COPY --chmod=755 or RUN chmod +x.")
not_permitted = NoProgram("The USER of the image may not read or execute {}. Use chmod 755.")
byte_order_mark = NoProgram("The script {} begins with a byte order mark. Save it as UTF-8 without one.")
utf_16 = NoProgram("The script {} is written in UTF-16. Save it as UTF-8 without a BOM.")
for_system = NoProgram("{} is a program for {} and not for Linux. Build it for linux/arm64.")
empty_file = NoProgram("{} is an empty file.")
no_format = NoProgram("{} is neither a Linux program nor a script with an interpreter in its first line.")
damaged = NoProgram("{} is damaged or cut short.")
loader_missing = NoProgram(
    "{} needs the loader {} that the image does not have. Compile it in the image or statically."
)
cannot_start = NoProgram("The image starts {} which cannot be started.")

# A script's first line
windows_line_ends = NoProgram("The script {} has line ends of Windows so Linux cannot start it. Save it with LF.")
interpreter_missing = NoProgram("The script {} asks for {} which is not in the image.")
interpreter_refused = NoProgram("The script {} asks for {} which cannot be started.")
env_takes_one_word = NoProgram("The script {} has env look for {} as one program. Write env -S there.")
scripts_in_a_circle = NoProgram("The script {} asks for too many scripts or for itself.")

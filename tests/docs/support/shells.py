"""Documents' commands, pasted into a shell whose programs are fakes: what they call, also after a failure."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

PASTED: dict[str, list[str]] = {
    "a script": ["bash", "--norc"],
    "a terminal": ["bash", "--norc", "-i"],  # goes on where a script would end
}
"""Shells that read what is pasted from their standard input, line by line."""
DESTROYS = re.compile(
    r"\baws (--\S+ \S+ )?\S+ (batch-delete-|delete-|deregister-|execute-|purge-|put-parameter)|\bskopeo copy|\brm -"
)
"""Commands after which something is gone, or is another."""
FAKE = """\
#!/bin/sh
set -f
set -- ${{0##*/}} $*
call=$*
cd {folder}
case "$call" in *--password-stdin*) read -r password ;; esac # first: else both ends of a pipe call at once
read -r number < count
echo $((number + 1)) > count
printf '%s\\n' "$call" >> calls
if [ $number = {fails} ]; then
  echo 'An error occurred (AccessDenied) when calling an operation: not today' >&2
  exit 254
fi
cd state
case "$call" in
{answers}
*)
  printf '%s\\n' "$call" >> ../unknown
  exit 64
  ;;
esac
"""


@dataclass
class Shell:
    """A shell in a folder. `answers` has for a pattern of a command what a shell does in its place, the first match."""

    folder: Path
    answers: dict[str, str]
    programs: tuple[str, ...] = ("aws",)
    stdout: str = field(default="", init=False)

    def paste(
        self,
        commands: str,
        state: Mapping[str, str] = MappingProxyType({}),
        *,
        kind: str = "a terminal",
        fails: int = 0,
    ) -> list[str]:
        """What the pasted commands called, in order. The call of number `fails` fails; `state` is the fakes' files."""
        for name, text in {"calls": "", "unknown": "", "count": "1\n"}.items():
            (self.folder / name).write_text(text)
        shutil.rmtree(self.folder / "state", ignore_errors=True)
        (self.folder / "state").mkdir()
        for name, text in state.items():
            (self.folder / "state" / name).write_text(text)
        cases = "\n".join(
            f"{pattern.replace(' ', chr(92) + ' ')})\n{answer}\n;;" for pattern, answer in self.answers.items()
        )
        for program in self.programs:
            (self.folder / program).write_text(FAKE.format(folder=self.folder, fails=fails, answers=cases))
            (self.folder / program).chmod(0o755)
        self.stdout = subprocess.run(
            PASTED[kind],
            input=commands,
            cwd=self.folder,
            env={"PATH": f"{self.folder}:/usr/bin:/bin", "HOME": str(self.folder), "TMPDIR": str(self.folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=30,
            check=False,
        ).stdout
        assert (self.folder / "unknown").read_text() == ""
        return (self.folder / "calls").read_text().splitlines()


def destroying(calls: list[str]) -> list[str]:
    """Those of the calls after which something is gone."""
    return [call for call in calls if DESTROYS.search(call)]

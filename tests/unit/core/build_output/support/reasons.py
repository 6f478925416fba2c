"""The reason that each of the outputs has."""

REASONS = {
    "run-exit": "build-failed: Dockerfile:4 RUN echo 'cc -c main.c' && echo 'ma ... ror 1' >&2 && exit 2 ended with "
    "exit code 2. main.c:3:5: error: unknown type name x / make: *** [Makefile:2: main.o] Error 1",
    "run-long": "build-failed: Dockerfile:2 RUN for i in $(seq 1 200); do echo ... named flask'; exit 1 ended with "
    "exit code 1. ModuleNotFoundError: No module named flask",
    "run-silent": "build-failed: Dockerfile:2 RUN false ended with exit code 1.",
    "run-not-found": "build-failed: Dockerfile:2 RUN npm ci ended with exit code 127. /bin/sh: npm: not found",
    "run-multiline": "build-failed: Dockerfile:2 RUN echo one && echo two && cat /no/such/file ended with exit "
    "code 1. cat: can't open '/no/such/file': No such file or directory",
    "run-heredoc": "build-failed: Dockerfile:2 RUN <<EOF2 set -e echo one cat /no/such/file EOF2 ended with exit "
    "code 1. cat: can't open '/no/such/file': No such file or directory",
    "run-clipped": 'build-failed: Dockerfile:2 RUN i=0; while [ $i -lt 400 ]; do i ... missing" >&2; exit 3 ended with '
    f"exit code 3. Error: the database driver is missing / {'x' * 40} / compiling unit 370 BuildKit left out a part of "
    "the output: log limit 2MiB.",
    "run-latin-1": 'build-failed: Dockerfile:2 RUN exec 2>&1; printf "10%%\\r50%%\\r ... l)\\033[0m\\n"; exit 5 ended '
    "with exit code 5. 100% fertig / Fehler: Datei \u00fcbel.txt fehlt (\ufffdbel)",
    "tests-fail": "build-failed: Dockerfile:4 RUN echo '2 passed, 1 failed'; exit 3 ended with exit code 3. 2 passed, "
    "1 failed",
    "two-fail": "build-failed: Dockerfile:4 RUN sleep 1; echo from b; exit 4 ended with exit code 4. from b",
    "cr-output": "build-failed: Dockerfile:2 RUN printf 'progress 1\\rprogress 2\\ ... no line end'; exit 1 ended with "
    "exit code 1. red error: bad / no line end",
    "crlf": "build-failed: Dockerfile:2 RUN echo one && cat /no/such ended with exit code 1. "
    "cat: can't open '/no/such': No such file or directory",
    "copy-missing": 'build-failed: Dockerfile:2 COPY missing /: "/missing": not found',
    "copy-missing-timeout": 'build-failed: Dockerfile:2 COPY timeout.js /: "/timeout.js": not found',
    "copy-from-missing": "build-failed: Dockerfile:3 COPY --from=a /no/such/timeout /: lstat /no/such/timeout: no such "
    "file or directory",
    "copy-ignored": "build-failed: The source has dist but .dockerignore excludes it. Dockerfile:2 COPY dist /www: ",
    "copy-ignored-glob": "build-failed: The source has dist but .dockerignore excludes it. Dockerfile:2 COPY "
    "dist/*.html /www/: ",
    "add-checksum": "build-failed: Dockerfile:2 ADD --checksum=sha256:0000000000000 ... 27.0.0.1:5999/v2/ /x: digest "
    "mismatch sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a: sha256:"
    "0000000000000000000000000000000000000000000000000000000000000000",
    "add-eof": 'build-failed: ADD http://127.0.0.1:5999/503 /x: Get "http://127.0.0.1:5999/503": EOF',
    "add-git": "build-failed: ADD https://127.0.0.1:5999/x.git#timeout /x: failed to fetch remote "
    "https://127.0.0.1:5999/x.git: git error: exit status 128 / fatal: unable to access ",
    "unknown-instruction": "build-failed: Dockerfile:2 RUNN echo hi: dockerfile parse error on line 2: unknown "
    "instruction: RUNN (did you mean RUN?)",
    "no-target": 'build-failed: target stage "nope" could not be found',
    "stage-typo": "build-failed: Dockerfile:3 COPY --from=bulider /out /www: the Dockerfile has no stage bulider. "
    "It has builder.",
    "stage-typo-denied": "build-failed: Dockerfile:3 COPY --from=bulider /out /www: the Dockerfile has no stage "
    "bulider. It has builder.",
    "base-missing": "build-failed: Dockerfile:1 FROM 127.0.0.1:5999/404/app:1: 127.0.0.1:5999/404/app:1: not found",
    "base-401": "build-failed: The registry gives the base image to nobody without a login. Check its name or ask the "
    "operators for BuildSecret or BaseRepositoryArns. Dockerfile:1 FROM ",
    "base-denied": "build-failed: The registry gives the base image to nobody without a login. ",
    "base-amd64": "wrong-architecture: The base image does not exist for linux/arm64. Choose one that does. "
    "Dockerfile:1 FROM 127.0.0.1:5999/amd/app:1: ",
    "cache-missing": 'build-failed: Dockerfile:9 RUN ["/bin/busybox", "sh", "-c", "e ... no type x; exit 3"] ended '
    "with exit code 3. error: no type x",
    "cache-holes": "build-failed: Dockerfile:8 COPY text /text: failed to copy: httpReadSeeker: failed open: could not "
    "fetch content descriptor ",
    "heredoc-crlf": "build-failed: The Dockerfile has line ends of Windows. Save it with LF. Dockerfile:2 ",
    "heredoc-open": "build-failed: A heredoc has no end. Put its end word alone on a line without spaces around it. "
    "Dockerfile:2 RUN <<EOF echo EOF: unterminated heredoc",
    "run-killed": "out-of-memory: The step was killed for want of memory. Let it need less or deploy a larger "
    "BuildComputeType. Dockerfile:2 RUN echo compiling && sh -c 'kill -9 $$' || exit $? ended with exit code 137. ",
    "run-exec-format": "wrong-architecture: A step runs a program that is not for arm64. ",
    "run-no-space": "disk-full: The step filled the disk of the build or a small one such as /dev/shm with 64 MiB. ",
    "run-shm-full": "disk-full: The step filled the disk of the build or a small one such as /dev/shm with 64 MiB. ",
    "forged-by-step": "build-failed: Dockerfile:2 RUN printf partial; ",
    "forged-by-dockerfile": "build-failed: Dockerfile:2 COPY <<E /x ${X:?bad ERROR: Cannot ... r daemon running?} E: "
    "failed to process ",
    "forged-by-variable": "build-failed: Dockerfile:2 ENV A=${X:?failed to do request: i/o timeout}: Syntax error ",
    "base-429": "rate-limited: The registry of the base image takes no more requests now. ",
    "layer-429": "rate-limited: The registry of the base image takes no more requests now. ",
    "base-500": "build-system-fault: The base image cannot be fetched now. ",
    "base-503": "build-system-fault: The base image cannot be fetched now. ",
    "base-eof": "build-system-fault: The base image cannot be fetched now. ",
    "base-token-503": "build-system-fault: The base image cannot be fetched now. ",
    "layer-503": "build-system-fault: The base image cannot be fetched now. ",
    "frontend-503": "build-system-fault: The base image cannot be fetched now. ",
    "engine-gone": "build-system-fault: The engine stopped during the build. ",
    "engine-down": "build-system-fault: The engine stopped during the build. ",
}
WHOLE = [
    name
    for name, reason in REASONS.items()
    if reason.startswith("build-failed: Dockerfile:") and not name.startswith(("forged", "cache-holes"))
]
BLAMELESS = ("base-429", "base-5", "base-eof", "base-token", "layer-", "frontend-", "engine-")

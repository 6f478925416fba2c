"""Why an image's configuration or its platform is refused."""

import pytest

from core import reasons
from core.trial import start_reasons
from core.trial.facts import Facts
from core.trial.refusals import verdict
from tests.unit.core.trial.support.tried_images import (
    BUSYBOX_S_HINT,
    DIGEST,
    INIT,
    ROOT,
    RUNC,
    TAG,
    TASK,
    TRIED,
    VOLUME,
    configured,
    not_created,
    not_started,
    said,
)

HOSTS = f"/var/lib/docker/containers/{DIGEST}/hosts"


@pytest.mark.parametrize(
    ("facts", "hint"),
    [
        (not_created("no command specified"), "Give the Dockerfile a CMD or an ENTRYPOINT"),
        (not_created("invalid volume specification: '/'"), "VOLUME cannot be at /."),
        (not_created(f"invalid volume specification: '{DIGEST}:/'"), "VOLUME cannot be at /."),
        (
            not_created(
                f"invalid volume specification: '{DIGEST}:data': invalid mount config for type \"volume\": invalid "
                "mount path: 'data' mount path must be absolute"
            ),
            "VOLUME cannot be at data. Give it an absolute path.",
        ),
        (
            not_started(
                f"{TASK}OCI runtime create failed: invalid mount {{Destination:data Type:bind Source:{VOLUME} "
                "Options:[rbind]}: mount destination data not absolute: unknown"
            ),
            "VOLUME cannot be at data. Give it an absolute path.",
        ),
        *(
            (
                not_created(f"cannot mount volume over existing file, file exists {place}"),
                f"VOLUME {path} is a file in the image",
            )
            for place, path in (
                (f"{ROOT}/etc/hosts", "/etc/hosts"),
                ("/var/lib/docker/overlay2/x1/merged/app", "/app"),
            )
        ),
        (not_created("Cannot mkdir: /srv is not a directory"), "WORKDIR /srv is not a folder"),
        *(
            (
                not_started("uids and gids must be in range 0-2147483647", user=user),
                f"USER {user} has an id outside the range 0-2147483647",
            )
            for user in ("3721906406", "1000:3721906406")
        ),
        (not_started("unable to find user node: no matching entries", user="node"), "USER node is not in the image"),
        (not_started("unable to find group 70: no matching entries", user="0:70"), "USER 0:70 is not in the image"),
        (
            not_started(f"unable to find user node: read {ROOT}/etc/passwd: is a directory", user="node"),
            "unable to find user node: read /etc/passwd: is a directory",
        ),
        (
            not_started(
                f'{INIT}error mounting "{VOLUME}" to rootfs at "/proc/data": "{ROOT}/proc/data" cannot be mounted '
                "because it is inside /proc: unknown"
            ),
            "VOLUME cannot be at /proc/data.",
        ),
        (
            not_started(
                f'{RUNC}error mounting "{VOLUME}" to rootfs at "/proc": "/proc" cannot be mounted because it is not of '
                "type proc: unknown"
            ),
            "VOLUME cannot be at /proc.",
        ),
        (
            not_started(
                f'{INIT}error mounting "{VOLUME}" to rootfs at "/sys/x": mkdir {ROOT}/sys/x: read-only file system: '
                "unknown"
            ),
            "VOLUME cannot be at /sys/x.",
        ),
        (
            not_started(f"{RUNC}unable to setup user: stat /dev/null: no such file or directory", volumes=("/dev",)),
            "VOLUME cannot be at /dev.",
        ),
        (
            not_started(
                f"{INIT}error reopening /dev/null inside container: open /dev/null: is a directory: unknown: "
                "permission denied",
                volumes=("/data", "/dev/null"),
            ),
            "VOLUME cannot be at /dev/null.",
        ),
        (
            not_started(
                f"{INIT}open /proc/sys/net/ipv4/ip_unprivileged_port_start: no such file or directory: unknown",
                volumes=("/",),
            ),
            "VOLUME cannot be at /.",
        ),
        (
            not_started(
                f'{INIT}error mounting "{HOSTS}" to rootfs at "/etc/hosts": mount {HOSTS}:/etc/hosts (via '
                f"/proc/self/fd/6), flags: 0x5000: not a directory: unknown: {BUSYBOX_S_HINT}"
            ),
            "The engine cannot mount its own /etc/hosts",
        ),
        (
            not_started(
                f'{INIT}error mounting "/var/lib/docker/containers/{DIGEST}/resolv.conf" to rootfs at '
                f'"/etc/resolv.conf": not a directory: unknown: {BUSYBOX_S_HINT}'
            ),
            "The engine cannot mount its own /etc/resolv.conf",
        ),
        (
            not_started(f'{INIT}chdir to cwd ("/srv") set in config.json failed: permission denied: unknown'),
            "WORKDIR /srv is not a folder or the USER of the image may not enter it",
        ),
    ],
)
def test_a_wrong_image_configuration_is_the_upload_s_fault(facts: Facts, hint: str) -> None:
    reason = verdict(facts, TAG)
    assert reason
    assert reason.code == "no-program"
    assert hint in reason.sentence
    assert len(reason.sentence) < reasons.LONGEST
    assert "/var/lib/docker/" not in reason.sentence
    if "mount its own" in hint:
        assert hint in reason.sentence[:60]  # where a tag still shows it


@pytest.mark.parametrize(
    ("words", "platform"),
    [
        ("its platform (linux/amd64) does not match the specified platform (linux/arm64)", "linux/amd64"),
        ("does not provide the specified platform (linux/arm64)", "another machine"),
    ],
)
def test_an_image_for_another_platform_is_the_upload_s_fault(words: str, platform: str) -> None:
    assert said(not_created(f"image with reference x was found but {words}")) == (
        f"wrong-architecture: The image is for {platform} and must be for linux/arm64."
    )


@pytest.mark.parametrize("tag", [None, "", "build-x"])
def test_an_image_without_the_builder_s_labels_is_refused(tag: str | None) -> None:
    assert verdict(configured(TRIED, image_tag=tag), TAG) == start_reasons.UNLABELLED

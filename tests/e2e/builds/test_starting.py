"""Images whose program starts are recorded, whatever it does then: it has neither network nor data."""

from local.pipeline import Pipeline
from local.sources import samples
from local.sources.samples import BASE, SERVES, starting, with_dockerfile
from tests.e2e.support.waiting import SECONDS

HONEST = {
    "a static program on scratch": starting(samples.program(), "FROM scratch\nCOPY --chmod=755 app /app\n"),
    "a program that ends with 0 at once": with_dockerfile(f'{BASE}CMD ["true"]\n'),
    "a program that ends with 1 at once": with_dockerfile(f'{BASE}CMD ["false"]\n'),
    "a program that finds no network": with_dockerfile(f'{BASE}CMD ["wget", "-q", "-O", "-", "http://192.0.2.1/"]\n'),
    "a script of a script": starting(
        "#!/first\n", f"{BASE}RUN printf '#!/bin/sh\\n' > /first && chmod 755 /first\nCOPY --chmod=755 app /app\n"
    ),
    "a program on a volume": starting(
        "#!/bin/sh\n", f"{BASE}COPY --chmod=755 app /data/app\nVOLUME /data\n", "/data/app"
    ),
    "one that listens as another user": with_dockerfile(f"{BASE}USER 1000:1000\n{SERVES}"),
}


def test_honest_images_are_tagged(pipeline: Pipeline) -> None:
    made = {name: pipeline.upload(f"{name}.zip", body) for name, body in HONEST.items()}
    statuses = {name: pipeline.ended_build(upload, SECONDS)["buildStatus"] for name, upload in made.items()}

    assert statuses == dict.fromkeys(HONEST, "SUCCEEDED")
    assert all(pipeline.image_of(upload) for upload in made.values())

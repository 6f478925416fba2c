"""Prepares the engine, the source, the secrets and the logins, in parallel where none depends on another."""

from concurrent.futures import Future, ThreadPoolExecutor

from builder import engine
from builder.state import State
from builder.variables import Variables


def fetch(asked: Variables, at: State) -> None:
    """Prepares everything a build needs, unless the repository has the upload's image already.

    Raises:
        Failed: the upload can't be built, or AWS refuses a request.
    """
    with ThreadPoolExecutor() as at_once:
        engine_ready = at_once.submit(engine.ready, asked.docker_hub_mirror)
        # assumes: build-image-programs
        from builder import registry, secrets, source  # they import boto3, while the engine restarts

        logged_in = at_once.submit(log_in, asked, engine_ready)
        members = at_once.submit(secrets.read, asked.build_secret)
        is_there = at_once.submit(registry.has, asked)
        print(f"Fetching {asked.version.written_key}, version {asked.version.version_id}")
        source.fetch(asked)
        found = source.unpack(asked.dockerfile_path)
        at.context, at.dockerfile = str(found.context), str(found.dockerfile)
        public = at_once.submit(registry.public_password) if registry.ECR_PUBLIC in at.dockerfile_text else None
        if is_there.result():
            print(f"{asked.image_tag} is in the repository already: nothing to build.")
            at.is_over = True
            return
        at.keeps_cache = logged_in.result()
        if public and (secret := public.result()):
            registry.login(registry.ECR_PUBLIC, "AWS", secret)
        secrets.log_in(asked.build_secret, members.result())
        at.secrets = secrets.write(members.result())


def log_in(asked: Variables, engine_ready: Future[bool]) -> bool:
    """Logs in to the stack's registry once the engine is ready, and returns whether the engine can export a cache."""
    from builder import registry

    password = registry.password()
    keeps_cache = engine_ready.result()
    registry.login_to_ecr(asked, password)
    return keeps_cache

"""The sources of the service's images."""

from local.sources.samples import BASE
from local.sources.zipping import zip_with

PRINTED, BRACES = "It serves.", "{{x}}"
EXIT_CODE = 3


def page(text: str) -> bytes:
    """A source whose service is healthy, and prints a line first."""
    serve = f'CMD ["sh", "-c", "echo {PRINTED}; exec httpd -f -p 8080 -h /srv"]\n'
    return zip_with({"Dockerfile": f"{BASE}COPY text /srv/\nRUN echo ok > /srv/health\n{serve}", "text": text})


def ending(text: str) -> bytes:
    """A source whose program prints braces, and ends after some seconds."""
    end = f'CMD ["sh", "-c", "echo {BRACES}; sleep 5; exit {EXIT_CODE}"]\n'
    return zip_with({"Dockerfile": f"{BASE}COPY text /\n{end}", "text": text})

"""Errors of `docker build` that are nobody's fault: a registry, the network to it or the engine failed.

A pattern describes the whole error. It begins with the failed operation, which BuildKit writes, and ends with the
network's or the registry's answer. An uploader's names (files, stages, images, flags, commands) appear only in quotes,
in an address or after another operation, where none of these patterns matches.
"""

import re

# assumes: engine-words
REGISTRY_SAYS = (
    r"(?:(?:\S+: )?failed to resolve source metadata for \S+: |failed to copy: |failed to authorize: "
    r"|failed to do request: (?:Head|Get|Post) \"|failed to fetch (?:anonymous|oauth) token: |httpReadSeeker: )"
    r"(?:\S.*)?"
)
ANSWER = r"unexpected status(?: code)?(?: from [A-Z]+ request to)? \S+: "
NETWORK = (
    r"i/o timeout|(?:unexpected )?EOF|connection reset by peer|connection refused|connection timed out|broken pipe"
    r"|network is unreachable|no route to host|context deadline exceeded(?: \(Client\.Timeout .*)?|server misbehaving"
    r"|Temporary failure in name resolution|net/http: (?:request canceled|timeout awaiting |TLS handshake timeout).*"
    r"|tls: bad record MAC|http2: (?:.*GOAWAY|client connection lost).*|stream error: .*"
)
UNREACHABLE = re.compile(rf"{REGISTRY_SAYS}(?:{ANSWER}5\d\d\b.*|(?<=: )(?:{NETWORK}))")
RATE_LIMITED = re.compile(rf"{REGISTRY_SAYS}(?:{ANSWER}429\b.*|(?<=: )toomanyrequests: .*)")
REFUSED = re.compile(
    rf"{REGISTRY_SAYS}(?:{ANSWER}40[13]\b.*|(?<=: )pull access denied, .*|.*\binsufficient_scope\b.*"
    r"|.*\bauthorization failed\b.*|.*no basic auth credentials.*)"
)
THIS_MACHINE = re.compile(r"dial tcp (?:127\.|\[::1\])\S* connect: connection refused$")
ENGINE_GONE = re.compile(
    r"Cannot connect to the Docker daemon at \S+ Is the docker daemon running\?"
    r"|[Ff]ailed to connect to the docker API at \S+ check if the path is correct and if the daemon is running: .*"
    r"|(?:failed to receive status: )?(?:rpc error: code = Unavailable desc = |Unavailable: )"
    r"(?:error reading from server: (?:EOF|.*: (?:use of closed network connection|connection reset by peer))"
    r"|transport is closing|connection error: .*|closing transport .*)"
)

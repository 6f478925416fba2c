"""Tables of secrets: file names and content. private_files.py reads them.

The formats are those that the issuers document, such as
https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github and
https://docs.gitlab.com/security/tokens/. What isn't secret has no rule: AWS's access key ids without their keys,
Google's API keys (https://firebase.google.com/docs/projects/api-keys), Stripe's test keys, public keys, certificates.
"""

import re
from dataclasses import dataclass

HISTORIES = (".git", ".hg", ".jj", ".svn", ".bzr")
"""Version control folders."""

HARMLESS_NAMES = (
    *("*.example", "*.sample", "*.template", "*.tmpl", "*.tpl", "*.dist", "*.defaults", "*.schema", "*.pub"),
    *("example.*", "sample.*", "template.*", ".env.vault"),
)
"""Names that look secret but are examples, public or encrypted."""

NAMES = {
    "environment variables": (".env", ".env.*", "*.env", ".envrc", ".envs/*", ".dev.vars", ".dev.vars.*"),
    "passwords": (
        *(".netrc", "_netrc", ".pgpass", "pgpass.conf", ".my.cnf", ".mylogin.cnf", ".htpasswd", ".pypirc"),
        *(
            ".git-credentials",
            ".s3cfg",
            ".boto",
            ".passwd-s3fs",
            "rclone.conf",
            ".vault_pass",
            ".vault_pass.txt",
            ".vault-pass",
        ),
        *("*.kdbx", "*.kdb", "*.psafe3", "*.keychain", "*.keychain-db", "*.1pux", ".streamlit/secrets.toml"),
    ),
    "a private key": (
        *("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk"),
        *("*.p12", "*.pkcs12", "*.pfx", "*.ppk", "*.jks", "*.bcfks", "*.keystore"),
        *("config/master.key", "config/credentials/*.key"),
    ),
    "Terraform's state": ("*.tfstate", "*.tfstate.*"),
    "a token": (
        *(".vault-token", ".terraform.d/credentials.tfrc.json", "application_default_credentials.json"),
        *(".aws/sso/cache/*", ".aws/cli/cache/*", ".aws/login/cache/*", "accesstokens.json", "msal_token_cache.*"),
    ),
    "typed commands": (".bash_history", ".zsh_history", ".psql_history", ".mysql_history"),
}
"""Secret by name, in any folder and any case. A pattern with a slash matches the end of the path."""

FAKES = re.compile(
    rb"(.)\1{5}|(?i:example|placeholder|(?:change|replace)[_-]?me|dummy|redacted)|your|Your|YOUR|^<|^[$%{(]|^\*"
    rb"|^(?i:pass|password|passwd|secret|token|none|null|test|xxx)$"
    rb"|^wJalrXUtnFEMI/K7MDENG"
    rb"|^Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==$"
)
"""Placeholders: text to fill in, variables, and example keys from AWS's and Azurite's documentation."""


@dataclass(frozen=True)
class Rule:
    """A kind of secret in a file's content.

    Only files with one of the `words`, in small letters, are searched for the `pattern`, which is slower. What it
    finds, or its group `value`, must not be a fake. `names` are the files it can be in, by default any.
    """

    holds: str
    words: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    names: tuple[str, ...] = ()


def token(words: str, pattern: bytes, holds: str = "a token") -> Rule:
    """A rule for a token whose prefix names its issuer, in any file."""
    found = tuple(word.encode() for word in words.split())
    return Rule(holds, found, re.compile(rb"(?<![A-Za-z0-9_])(?:" + pattern + rb")"))


def value(holds: str, names: str, words: str, pattern: bytes) -> Rule:
    """A rule for a value in files of these names, in lowercase."""
    found = tuple(word.encode() for word in words.split())
    return Rule(holds, found, re.compile(pattern, re.MULTILINE | re.DOTALL), tuple(names.split()))


A_KEY = rb"(?P<value>(?<![A-Za-z0-9/+])(?=[A-Za-z/+]*[0-9])[A-Za-z0-9/+]{40,}(?![A-Za-z0-9/+=]))"  # AWS's has 40
TEXT = rb"(?P<value>[^\s\"'<>]+)"
USER = (
    rb"^[ \t]*(?:-[ \t]*)?user:[ \t\r]*\n(?:[ \t]+[\w-]+:[^\n]*\n|[ \t\r]*\n){0,50}?"
    rb"[ \t]+(?:token|password|id-token|refresh-token):\s*[\"']?" + TEXT
)
LOGIN = rb"https?://[^\s/:@\"']*:(?P<value>[^\s/@\"']+)@"

RULES = (
    # Private keys, with the start of the key or of its headers: prose and programs quote only the first line.
    Rule(
        "a private key",
        (b"private key",),
        re.compile(
            rb"-----?[ ]?BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?[ ]?-----?"
            rb"(?:\s|\\[nr]|[\"'+,])*(?P<value>[A-Za-z0-9+/=]{16}|[A-Z][A-Za-z-]+: )"
        ),
    ),
    Rule(
        "a private key",  # PEM's first line in base64, as in Kubernetes and in variables of CI
        (b"ls0tls1crudjti",),
        re.compile(
            rb"LS0tLS1CRUdJTi(?:BSU0EgUFJJVkFURSBL|BQUklWQVRFIEtFW|BFQyBQUklWQVRFIEtF|BPUEVOU1NIIFBSSVZBVEUg|BFTkNSWVBURUQg)"
        ),
    ),
    Rule("a private key", (b"putty-user-key-file",), re.compile(rb"^PuTTY-User-Key-File-\d", re.MULTILINE)),
    Rule("a private key", (b'"kty"',), re.compile(rb'"d"\s*:\s*"(?P<value>[A-Za-z0-9_-]{40,})"')),
    Rule("a private key", (b"privatekey",), re.compile(rb"(?m)^[ \t]*PrivateKey\s*=\s*(?P<value>[A-Za-z0-9+/]{43}=)")),
    token("age-secret-key-1", rb"AGE-SECRET-KEY-1[A-Z0-9]{58}", "a private key"),
    value("a service account's key", "*.json", "private_key", rb'"private_key"\s*:\s*"(?P<value>[^"]+)"'),
    # AWS
    Rule(
        "AWS credentials",
        (b"secret_access_key", b"secretaccesskey"),
        re.compile(rb"(?i:secret_?access_?key)[\"']?\s*(?:=>|[=:>\s])\s*[\"']?" + A_KEY),
    ),
    Rule("AWS credentials", (b"akia", b"asia"), re.compile(rb"\bA[KS]IA[A-Z0-9]{16}[\"']?[,;\s]+[\"']?" + A_KEY)),
    value("AWS credentials", "credentials", "aws_secret_access_key", rb"(?i)aws_secret_access_key"),
    value("AWS credentials", "*credentials*.csv", "password", rb"(?i)\A[^\n]*password[^\n]*\n\S+,\S"),
    token("absk", rb"ABSK[A-Za-z0-9+/]{100}", "AWS credentials"),
    # Google, Azure
    value("a token", "*.json", "refresh_token", rb'"refresh_token"\s*:\s*"(?P<value>1//[^"]+)"'),
    token("gocspx-", rb"GOCSPX-[\w-]{28}"),
    token("ya29.", rb"ya29\.[\w-]{30,}"),
    Rule(
        "a storage account's key",
        (b"accountkey=", b"sharedaccesskey="),
        re.compile(rb"(?:AccountKey|SharedAccessKey)=(?P<value>[A-Za-z0-9+/]{43,86}==?)"),
    ),
    # Clusters and registries
    value("a cluster's key", "", "client-key-data", rb"^[ \t]*client-key-data:\s*[\"']?(?P<value>[A-Za-z0-9+/=]{16})"),
    value("a cluster's token", "kubeconfig kubeconfig.* *.kubeconfig", "user:", USER),
    value("a cluster's token", "*.yaml *.yml *.conf config", "kind: config", rb"\A(?=.*^kind: Config\b).*?" + USER),
    value(
        "a registry's login",
        "config.json auth.json dockerconfig.json .dockerconfigjson *.dockerconfigjson",
        '"auths"',
        rb'"auths"\s*:.*"(?:auth|password|identitytoken)"\s*:\s*"(?P<value>[^"]+)"',
    ),
    value("a registry's login", ".dockercfg", '"auth"', rb'"auth"\s*:\s*"(?P<value>[^"]+)"'),
    Rule(
        "a registry's login",
        (b".dockerc",),
        re.compile(rb"\.docker(?:configjson|cfg)[\"']?\s*[:=]\s*[\"']?(?P<value>eyJ[A-Za-z0-9+/=]{20,})"),
    ),
    token("dckr_", rb"dckr_[po]at_[\w-]{27,}"),
    # Packages
    value(
        "a registry's token", ".npmrc .pnpmrc", "_auth _password", rb"_(?:auth(?:Token)?|password)\s*=\s*[\"']?" + TEXT
    ),
    value("a registry's token", ".yarnrc", "_auth _password", rb"_(?:auth(?:Token)?|password)[\"']?\s+[\"']?" + TEXT),
    value("a registry's token", ".yarnrc.yml", "npmauth", rb"^[ \t]*npmAuth(?:Token|Ident):\s*[\"']?" + TEXT),
    value("a registry's token", "bunfig.toml", "token password", rb"\b(?:token|password)\s*=\s*[\"']" + TEXT),
    value(
        "a registry's login",
        "auth.json",
        "http-basic github-oauth gitlab-token bitbucket-oauth bearer",
        rb'"(?:http-basic|github-oauth|gitlab-token|bitbucket-oauth|bearer)"\s*:\s*\{\s*"[^"]+"\s*:\s*'
        rb'(?:\{[^}]{0,1000}"(?:password|consumer-secret|token)"\s*:\s*)?"(?P<value>[^"]+)"',
    ),
    value(
        "a login in an address",
        "pip.conf pip.ini uv.toml pyproject.toml requirements*.txt .condarc .npmrc .yarnrc* package-lock.json gemfile "
        "sources.list *.sources .gitmodules .gitconfig",
        "https:// http://",
        LOGIN,
    ),
    value("a registry's login", "auth.toml", "password token", rb"(?:password|token)\s*=\s*[\"']" + TEXT),
    value(
        "passwords", "settings.xml settings-security.xml", "<pass <master", rb"<(?:password|passphrase|master)>" + TEXT
    ),
    value("passwords", "nuget.config", "cleartextpassword", rb"(?i:ClearTextPassword)\"?\s+value=\"(?P<value>[^\"]+)"),
    value(
        "passwords",
        "gradle.properties *.tfvars *.tfvars.json *.secrets .secrets",
        "password secret token",
        rb"(?i:password|passwd|secret|token)[\"']?\s*[=:]\s*[\"']?(?!(?:[\d.]+|true|false)\b)" + TEXT,
    ),
    value("a registry's token", "credentials credentials.toml", "token", rb"^[ \t]*token\s*=\s*[\"']" + TEXT),
    value("a token", "hosts.yml hub", "oauth_token", rb"oauth_token:\s*" + TEXT),
    value("a token", "*.tfrc.json .terraformrc *.tfrc", "token", rb"\btoken\"?\s*[=:]\s*\"" + TEXT),
    token("npm_", rb"npm_[A-Za-z0-9]{36}", "a registry's token"),
    token("pypi-ag", rb"pypi-Ag[\w-]{50,}", "a registry's token"),
    token("rubygems_", rb"rubygems_[0-9a-f]{48}", "a registry's token"),
    # Tokens with the issuer's prefix
    token("ghp_ gho_ ghu_ ghs_ ghr_", rb"gh[pousr]_[A-Za-z0-9]{36,}"),
    token("github_pat_", rb"github_pat_\w{50,}"),
    token("glpat- gldt- glrt-", rb"gl(?:pat|dt|rt)-[\w-]{20,}"),
    token("xox xapp-", rb"(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{20,}"),
    token("hooks.slack.com/services/", rb"hooks\.slack\.com/services/T\w{6,}/B\w{6,}/\w{20,}"),
    token("k_live_", rb"[rs]k_live_[A-Za-z0-9]{16,}"),
    token("sk-", rb"sk-(?:proj|svcacct|admin)-[\w-]{40,}|sk-ant-[a-z0-9]+-[\w-]{60,}|sk-\w{20}T3BlbkFJ\w{20}"),
    token("hf_", rb"hf_[A-Za-z]{34}"),
    token("sg.", rb"SG\.[\w-]{22}\.[\w-]{43}"),
    token("_v1_", rb"do[opr]_v1_[0-9a-f]{64}"),
    token("dapi", rb"dapi[0-9a-f]{32}"),
    token("hvs. hvb.", rb"hv[sb]\.[\w-]{24,}"),
    token(".atlasv1.", rb"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}"),
    token("atatt3xff", rb"ATATT3xFf[\w=-]{100,}"),
    token("shp", rb"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    token("glsa_", rb"glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}"),
    token("sntry", rb"sntrys_eyJ[\w+/=]{40,}|sntryu_[0-9a-f]{64}"),
    token("tskey-", rb"tskey-[a-z]+-\w{10,}-\w{20,}"),
    token("lin_api_", rb"lin_api_[A-Za-z0-9]{40}"),
    token(":aa", rb"\d{8,10}:AA[\w-]{33}(?![\w-])", "a Telegram bot's token"),
)

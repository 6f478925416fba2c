"""Files that are secret by their name or their content, with what they hold, and files that only look so."""

import base64

BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
PEM = f"-----BEGIN PRIVATE KEY-----\n{BODY}\n-----END PRIVATE KEY-----\n"
CERTIFICATE = f"-----BEGIN CERTIFICATE-----\n{BODY}\n-----END CERTIFICATE-----\n"
PUBLIC_KEY = f"-----BEGIN PUBLIC KEY-----\n{BODY}\n-----END PUBLIC KEY-----\n"
LOGIN = '{"auths": {"registry.example.com": {}, "https://index.docker.io/v1/": {"auth": "dXNlcjpwYXNzd29yZA=="}}}'
JWT = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEyMzQ1Njc4OTAifQ.eyJzdWIiOiJhIn0.c2lnbmVk"
SECRET_KEY = "wJalrXUtnFEMI1K7MDENG2bPxRfiCYzz9TqLmN0P"
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def token(beginning: str, length: int) -> str:
    """A token of an issuer with so many letters after its beginning; put together here, so that no scanner finds it."""
    return beginning + (LETTERS * 3)[:length]


def in_base64(text: str) -> str:
    """A text in base64."""
    return base64.b64encode(text.encode()).decode()


NAMES = {
    "environment variables": ".env .ENV .env.production .env.local .envrc .envs/.production/.postgres .dev.vars",
    "passwords": """.netrc _netrc .pgpass .htpasswd .pypirc .git-credentials .my.cnf .s3cfg .config/rclone/rclone.conf
        .streamlit/secrets.toml team.kdbx""",
    "a private key": """id_rsa id_dsa id_ecdsa id_ed25519 id_ed25519_sk server.p12 server.PFX server.jks
        release.keystore config/master.key config/credentials/production.key""",
    "Terraform's state": "terraform.tfstate terraform.tfstate.backup terraform.tfstate.1690000000.backup",
    "a token": """.vault-token .aws/sso/cache/0a.json .aws/cli/cache/0a.json .aws/login/cache/0a.json
        gcloud/application_default_credentials.json .azure/msal_token_cache.json""",
    "typed commands": ".bash_history",
}
BY_NAME = {name: holds for holds, names in NAMES.items() for name in names.split()}
BY_CONTENT: dict[str, tuple[str | bytes, str]] = {
    # Private keys
    "server.key": (PEM, "a private key"),
    "server.pem": (CERTIFICATE + PEM, "a private key"),
    "windows.pem": (PEM.replace("\n", "\r\n"), "a private key"),
    "rsa.pem": (PEM.replace("PRIVATE", "RSA PRIVATE"), "a private key"),
    "ec.pem": (PEM.replace("PRIVATE", "EC PRIVATE"), "a private key"),
    "encrypted.pem": (PEM.replace("PRIVATE", "ENCRYPTED PRIVATE"), "a private key"),
    "old.pem": (PEM.replace("-\nM", "-\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0F\n\nM"), "a private key"),
    "ssh2.pem": (f"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: a\n{BODY}\n", "a private key"),
    "deploy-key": (PEM.replace("PRIVATE", "OPENSSH PRIVATE"), "a private key"),
    "signing.asc": (PEM.replace("KEY-----\nM", "KEY BLOCK-----\nVersion: 1\n\nM"), "a private key"),
    "AuthKey_2X9R4HXF34.p8": (PEM, "a private key"),
    "utf-16.pem": (PEM.encode("utf-16"), "a private key"),
    "utf-16-without-a-mark.pem": (PEM.encode("utf-16-be"), "a private key"),
    "values.yaml": ("key: |\n" + "".join(f"  {line}\n" for line in PEM.splitlines()), "a private key"),
    "settings.toml": (f'key = "{PEM}"'.replace("\n", "\\n"), "a private key"),
    "keys.py": ("KEY = (\n" + "".join(f'    "{line}\\n"\n' for line in PEM.splitlines()) + ")\n", "a private key"),
    "ci.yml": (f"KEY: {in_base64(PEM)}\n", "a private key"),
    "ci-rsa.yml": (f"KEY: {in_base64(PEM.replace('PRIV', 'RSA PRIV'))}\n", "a private key"),
    "ci-ec.yml": (f"KEY: {in_base64(PEM.replace('PRIV', 'EC PRIV'))}\n", "a private key"),
    "ci-ssh.yml": (f"KEY: {in_base64(PEM.replace('PRIV', 'OPENSSH PRIV'))}\n", "a private key"),
    "ci-encrypted.yml": (f"KEY: {in_base64(PEM.replace('PRIV', 'ENCRYPTED PRIV'))}\n", "a private key"),
    "key.txt": ("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", "a private key"),
    "jwk.json": (f'{{"kty": "EC", "crv": "P-256", "d": "{token("", 43)}"}}', "a private key"),
    "wg0.conf": (f"[Interface]\nPrivateKey = {token('', 43)}=\n", "a private key"),
    "age.txt": (token("AGE-SECRET-KEY-1", 58).upper(), "a private key"),
    "account.json": ('{"type": "service_account", "private_key" : "-"}', "a service account's key"),
    # AWS
    ".aws/credentials": ("[default]\naws_access_key_id = A\nAWS_SECRET_ACCESS_KEY = B\n", "AWS credentials"),
    "assumed.json": (f'{{"Credentials": {{"SecretAccessKey": "{SECRET_KEY}"}}}}', "AWS credentials"),
    "key.js": (f"const options = {{ secretAccessKey: '{SECRET_KEY}' }}", "AWS credentials"),
    "Dockerfile.dev": (f"ENV AWS_SECRET_ACCESS_KEY {SECRET_KEY}\n", "AWS credentials"),
    "answer.xml": (f"<SecretAccessKey>{SECRET_KEY}</SecretAccessKey>", "AWS credentials"),
    "accessKeys.csv": (f"Access key ID,Secret access key\nAKIAABCDEFGHIJKLMNOP,{SECRET_KEY}\n", "AWS credentials"),
    "ann_credentials.csv": ("User name,Password,Console sign-in URL\nann,pizza-is-good,https://a\n", "AWS credentials"),
    # Clusters, registries, packages
    "kubeconfig": (f"users:\n- name: a\n  user:\n    token: {JWT}\n", "a cluster's token"),
    ".kube/config": (f"kind: Config\nusers:\n- name: a\n  user:\n    token: {JWT}\n", "a cluster's token"),
    "admin.conf": (f"users:\n- name: a\n  user:\n    client-key-data: {BODY}\n", "a cluster's key"),
    ".docker/config.json": (LOGIN, "a registry's login"),
    "token/config.json": ('{"auths": {"a": {"identitytoken": "eyJ"}}}', "a registry's login"),
    "containers/auth.json": (LOGIN, "a registry's login"),
    ".dockercfg": ('{"https://index.docker.io/v1/": {"auth": "dXNlcjpwYXNzd29yZA=="}}', "a registry's login"),
    "pull.yaml": (f"data:\n  .dockerconfigjson: {in_base64(LOGIN)}\n", "a registry's login"),
    "auth.json": ('{"http-basic": {"a.example.com": {"username": "u", "password": "pizza"}}}', "a registry's login"),
    "php/auth.json": ('{"github-oauth": {"github.com": "0123456789abcdef"}}', "a registry's login"),
    ".npmrc": ("//npm.example.com/:_authToken=npm_0123456789\n", "a registry's token"),
    "old/.npmrc": ("_auth = dXNlcjpwYXNzd29yZA==\n", "a registry's token"),
    "older/.npmrc": ("//registry.example.com/:_password=cGFzc3dvcmQ=\n", "a registry's token"),
    ".yarnrc": ('"//npm.example.com/:_authToken" "abcdef0123456789"\n', "a registry's token"),
    ".yarnrc.yml": ('npmScopes:\n  a:\n    npmAuthToken: "abcdef0123456789"\n', "a registry's token"),
    ".cargo/credentials.toml": ('[registry]\ntoken = "cio0123456789abcdef"\n', "a registry's token"),
    "npm.sh": (f"npm config set //npm.example.com/:_authToken {token('npm_', 36)}\n", "a registry's token"),
    "pypi.sh": (f"TWINE_PASSWORD={token('pypi-AgEIcHlwaS5vcmc', 60)}\n", "a registry's token"),
    "pip.conf": ("[global]\nindex-url = https://user:pizza12@pypi.example.com/simple\n", "a login in an address"),
    "requirements-dev.txt": ("a @ git+https://user:pizza12@git.example.com/a.git\n", "a login in an address"),
    ".m2/settings.xml": ("<server><id>a</id><password>pizza-is-good</password></server>", "passwords"),
    "NuGet.Config": ('<add key="ClearTextPassword" value="pizza-is-good" />', "passwords"),
    "gradle.properties": ("signing.password=pizza-is-good\n", "passwords"),
    "prod.tfvars": ('db_password = "pizza-is-good"\n', "passwords"),
    # Tokens that name their issuer
    "user.json": ('{"client_secret": "a", "refresh_token": "1//0abcdef"}', "a token"),
    "storage.py": (f'"AccountName=a;AccountKey={token("", 86)}=="', "a storage account's key"),
    ".config/gh/hosts.yml": (f"github.com:\n    oauth_token: {token('gho_', 36)}\n", "a token"),
    "github.py": (f'TOKEN = "{token("ghp_", 36)}"\n', "a token"),
    "fine_grained.py": (f'TOKEN = "{token("github_pat_", 59)}"\n', "a token"),
    "gitlab.py": (f'TOKEN = "{token("glpat-", 20)}"\n', "a token"),
    "slack.py": (f'TOKEN = "{token("xoxb-", 30)}"\n', "a token"),
    "hook.py": (f'URL = "https://hooks.slack.com/services/T0123ABCD/B0123ABCD/{token("", 24)}"\n', "a token"),
    "stripe.py": (f'KEY = "{token("sk_live_", 24)}"\n', "a token"),
    "openai.py": (f'KEY = "{token("sk-proj-", 60)}"\n', "a token"),
    "anthropic.py": (f'KEY = "{token("sk-ant-api03-", 90)}"\n', "a token"),
    "google.py": (f'SECRET = "{token("GOCSPX-", 28)}"\n', "a token"),
    "sendgrid.py": (f'KEY = "{token("SG.", 22)}.{token("", 43)}"\n', "a token"),
    "vault.py": (f'TOKEN = "{token("hvs.", 30)}"\n', "a token"),
    "telegram.py": (f'BOT = "123456789:{token("AA", 33)}"\n', "a Telegram bot's token"),
    "hub.sh": (f"docker login -p {token('dckr_pat_', 27)}\n", "a token"),
    "script.ps1": (f'$token = "{token("ghp_", 36)}"\n'.encode("utf-16"), "a token"),
}
HARMLESS: dict[str, str | bytes] = {
    # Names
    **dict.fromkeys((f".env.{kind}" for kind in ("example", "sample", "template", "dist", "schema")), "TOKEN=\n"),
    ".env.vault": "DOTENV_VAULT=encrypted\n",
    "example.env": "TOKEN=\n",
    "env": "",
    "environment.ts": "export const production = true\n",
    "env.d.ts": "declare const a: string\n",
    ".environment": "",
    "id_rsa.pub": "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ user@example.com\n",
    "id_rsa.md": "How to make one.\n",
    "master.key": "Not the one of Rails.\n",
    ".gitignore": ".env\n",
    ".github/workflows/ci.yml": "env:\n  TOKEN: ${{ secrets.TOKEN }}\n",
    "my.git/config": "[core]\n",
    # What is public
    "ca.pem": CERTIFICATE,
    "chain.pem": CERTIFICATE * 3,
    "public.pem": PUBLIC_KEY,
    "firebase.js": f'const config = {{ apiKey: "AIza{LETTERS[:35]}" }}\n',
    "azurite.yml": "AccountKey="
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
    # What is fake, or a place to fill in
    "fake.pem": PEM.replace(BODY, "A" * 64),
    "test_tokens.py": f'TOKEN = "ghp_{"x" * 36}"\nOTHER = "sk_live_{"0" * 24}"\nTEST = "sk_test_{LETTERS[:24]}"\n',
    "new/.npmrc": "//npm.example.com/:_authToken=YOUR_NPM_TOKEN\n",
    "gradle.properties": "signing.password=CHANGE_ME\nstorePassword=REPLACE-ME\n",
    "README.md": "It needs `.env`, an `id_rsa`, and `_authToken=` in .npmrc.\n-----BEGIN PRIVATE KEY----- begins it:\n"
    "```\n-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----\n```\naws_secret_access_key is a name.\n"
    f"ghp_{'x' * 36}, sk_live_..., glpat-<your token>, xoxb-your-token-goes-here-please, https://user:password@a.com\n"
    "AKIAIOSFODNN7EXAMPLE and aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
    "check.py": 'if text.startswith("-----BEGIN PRIVATE KEY-----"):\n    raise TooPrivateError(text)\n',
    "check.js": "const PEM = '-----BEGIN PRIVATE KEY-----\\n' + body + '\\n-----END PRIVATE KEY-----'\n",
    "patterns.py": 'GITHUB = re.compile(r"gh[pousr]_[A-Za-z0-9]{36}")\nPREFIXES = ("ghp_", "glpat-", "sk-ant-")\n',
    "client.js": "const s3 = new S3({ secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY })\n"
    "const a = { secretAccessKey: theSecretAccessKeyThatComesFromSomewhereElse }\n",
    "template.yaml": 'SecretAccessKey: "{{resolve:secretsmanager:a:SecretString:b}}"\n',
    "fixture.json": '{"private_key": "your-private-key"}',
    # Files of a kind that may have secrets, without any
    ".npmrc": "registry=https://npm.example.com/\n//npm.example.com/:_authToken=${NPM_TOKEN}\n_auth=$AUTH\n",
    "plain/.npmrc": "# set _authToken here\nalways-auth=true\n",
    ".yarnrc.yml": 'npmAuthToken: "${NPM_TOKEN}"\n',
    "config.json": '{"auth": "none", "auths": 2, "port": 80}',
    "app/config.json": '{"database": {"password": "", "auth": "basic"}}',
    "store/config.json": '{"auths": {"https://index.docker.io/v1/": {}}, "credsStore": "desktop"}',
    "other/auth.json": '{"roles": ["admin"], "login": "Log in", "password": "Password"}',
    "docs/credentials": "Ask for them.\n",
    "package.json": '{"name": "private", "private": true}',
    "package-lock.json": '{"resolved": "https://npm.example.com/a/-/a-1.0.0.tgz"}',
    "schema.json": '{"private_key": {"type": "string"}}',
    "messages.json": '{"accessToken": "Access token", "clientSecret": "Client secret", "refresh_token": "Refresh"}',
    "settings.xml": "<server><password>${env.PASSWORD}</password></server>",
    "pip.conf": "[global]\nindex-url = https://${USER}:${TOKEN}@pypi.example.com/simple\n",
    "variables.tfvars": 'password_length = 16\ndb_password = ""\nuse_token = true\n',
    "compose.yaml": "services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: postgres\n",
    "playbook.yml": "users:\n  - name: app\n    password: '{{ password }}'\n    user:\n      name: a\n",
    "kubeconfig": "users:\n- name: a\n  user:\n    exec:\n      command: aws\n",
    "logo.png": b"\x89PNG\r\n\x1a\n",
    "empty.key": "",
}

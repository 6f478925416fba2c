#!/usr/bin/env bash
# Deploys template.yaml for the service of a Source to ECR stack. It runs deploy.py with the tools that `make setup` installs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
PATH=$here/../../.venv/bin:$PATH exec python3 -B "$here/deploy.py" "$@"

"""The local cloud: the AWS emulator ministack, plus the features that this stack uses and ministack lacks.

Runs in an environment of its own (requirements/cloud.txt), under `python -m local.cloud`. Each module supplies what one
service lacks; docs/local-cloud.md lists what no module here can prove.
"""

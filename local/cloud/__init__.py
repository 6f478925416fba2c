"""The local cloud: an emulator of AWS's services (ministack), with what it lacks of the ones that this stack uses.

Runs in an environment of its own (requirements/cloud.txt), under `python -m local.cloud`. Each module supplies what one
service lacks; docs/local-cloud.md lists what no module here can prove.
"""

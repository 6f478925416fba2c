"""Of a Dockerfile's base images those are named that come from Docker Hub, whose pulls are limited."""

import pytest

from ship.source.docker_hub import elsewhere, from_docker_hub

DIGEST = "sha256:" + "0" * 64


HUB = f"""node node:22-alpine node@{DIGEST} node:22@{DIGEST} library/node:22 bitnami/redis docker.io/node
    docker.io/library/node:22 index.docker.io/library/node docker.io/bitnami/redis:7"""
OTHERS = f"""public.ecr.aws/docker/library/node:22 ghcr.io/owner/image mcr.microsoft.com/dotnet/runtime:9.0
    gcr.io/distroless/static@{DIGEST} 123456789012.dkr.ecr.us-east-1.amazonaws.com/base:1 localhost/base
    localhost:5000/base registry:5000/base 127.0.0.1:5000/base/image:1 scratch SCRATCH"""


@pytest.mark.parametrize("image", HUB.split())
def test_an_image_without_a_registry_or_with_docker_hub_s_comes_from_there(image: str) -> None:
    assert from_docker_hub(f"FROM {image}\n") == [image]


@pytest.mark.parametrize("image", OTHERS.split())
def test_an_image_of_another_registry_does_not(image: str) -> None:
    assert from_docker_hub(f"FROM {image}\n") == []


@pytest.mark.parametrize(
    ("dockerfile", "images"),
    [
        ("from node\n", ["node"]),
        ("FROM node AS build\n", ["node"]),
        ("FROM node as build\nFROM scratch\nCOPY --from=build /a /\n", ["node"]),
        ("FROM node AS build\nFROM build AS test\nFROM test\n", ["node"]),
        ("FROM node AS Build\nFROM bUILD\n", ["node"]),
        ("FROM build\nFROM node AS build\n", ["build", "node"]),
        ("FROM node\nFROM golang:1\nFROM node\n", ["node", "golang:1"]),
        ("FROM --platform=linux/arm64 node\n", ["node"]),
        ("FROM --platform=$BUILDPLATFORM node AS build\nFROM --platform=$TARGETPLATFORM alpine\n", ["node", "alpine"]),
        ("# syntax=docker/dockerfile:1\n# FROM golang\nFROM node\n", ["node"]),
        ("FROM \\\n  node:22 \\\n  # why\n  AS build\n", ["node:22"]),
        ("# escape=`\nFROM `\n  node:22\n", ["node:22"]),
        ("\ufeffFROM node\r\nRUN true\r\n", ["node"]),
        ("  FROM\tnode\n", ["node"]),
        ("FROM node\nRUN <<EOF\nFROM golang\nEOF\nFROM alpine\n", ["node", "alpine"]),
        ('FROM scratch\nCOPY <<-"END" /a\nFROM golang\n\tEND\nFROM alpine\n', ["alpine"]),
    ],
)
def test_each_stage_s_base_is_named_once(dockerfile: str, images: list[str]) -> None:
    assert from_docker_hub(dockerfile) == images


@pytest.mark.parametrize(
    ("arguments", "image", "means"),
    [
        ("ARG V=22", "node:$V", ["node:22"]),
        ("ARG V=22", "node:${V}-alpine", ["node:22-alpine"]),
        ('ARG V="22"', "node:$V", ["node:22"]),
        ("ARG IMAGE='node:22'", "$IMAGE", ["node:22"]),
        ("ARG V=22 IMAGE=node:$V", "${IMAGE}", ["node:22"]),
        ("ARG V=22\nARG IMAGE=node:${V}-slim", "$IMAGE", ["node:22-slim"]),
        ("ARG V=20\nARG V=22", "node:$V", ["node:22"]),
        ("ARG V", "node:${V:-22}", ["node:22"]),
        ("ARG V", "node:${V-22}", ["node:22"]),
        ("ARG V=", "node:${V:-22}", ["node:22"]),
        ("ARG V=20", "node:${V:-22}", ["node:20"]),
        ("ARG V=20", "node${V:+:22}", ["node:22"]),
        ("", "node:${V:-22}", ["node:22"]),
        ("ARG REGISTRY=ghcr.io/", "${REGISTRY}owner/image", []),
        ("ARG REGISTRY", "${REGISTRY}node", ["node"]),
        ("ARG REGISTRY=docker.io", "$REGISTRY/library/node", ["docker.io/library/node"]),
        ("ARG BASE=scratch", "$BASE", []),
        ("ARG BASE", "$BASE", []),
        ("", "node-$TARGETARCH", ["node-arm64"]),
        ("ARG TARGETARCH", "node-${TARGETARCH}", ["node-arm64"]),
        ("ARG TARGETOS", "node-$BUILDOS", ["node-linux"]),
    ],
)
def test_what_an_argument_before_the_first_stage_stands_for_is_filled_in(
    arguments: str, image: str, means: list[str]
) -> None:
    assert from_docker_hub(f"{arguments}\nFROM {image}\n") == means


def test_an_argument_of_a_stage_says_nothing_of_the_next() -> None:
    assert from_docker_hub("ARG V=22\nFROM node:$V\nARG V=20\nFROM node:$V-slim\n") == ["node:22", "node:22-slim"]


def test_a_stage_may_be_named_by_the_platform() -> None:
    assert from_docker_hub("FROM ghcr.io/o/a AS base-arm64\nFROM base-${TARGETARCH}\n") == []


BROKEN = ["FROM\n", "FROM node\nFORM golang\n", "FROM node\nRUN <<EOF\n", "FROM ${node\n", "FROM node:${V/a\n"]


@pytest.mark.parametrize("dockerfile", ["", "\n# nothing\n", *BROKEN])
def test_of_what_can_not_be_parsed_nothing_is_named(dockerfile: str) -> None:
    assert from_docker_hub(dockerfile) == []


@pytest.mark.parametrize("name", ["node:22", "library/node:22", "docker.io/library/node:22", "index.docker.io/node:22"])
def test_an_official_image_is_in_aws_s_registry_too(name: str) -> None:
    assert elsewhere(name) == "public.ecr.aws/docker/library/node:22"


@pytest.mark.parametrize("image", ["bitnami/redis", "docker.io/bitnami/redis:7"])
def test_another_image_is_not(image: str) -> None:
    assert elsewhere(image) is None

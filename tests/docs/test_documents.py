"""What the documents name is there, and what is there is named."""

import re
from pathlib import Path

import pytest

from tests.docs.support.documents import DOCUMENTS, ROOT, rows, section
from tests.support.stack import Stack

README, CONTRIBUTING = ROOT / "README.md", ROOT / "CONTRIBUTING.md"


@pytest.fixture(scope="module")
def stack() -> Stack:
    """The template."""
    return Stack.from_file()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_into_the_project_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_heading_names_one(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", document.read_text())
    pages = [(document.parent / page if page else document, anchor) for page, anchor in links]
    assert [f"{page.name}#{anchor}" for page, anchor in pages if anchor not in anchors(page)] == []


def anchors(page: Path) -> set[str]:
    """The page's headings as links name them: https://docs.github.com/get-started/writing-on-github, section links."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_that_a_document_names_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z0-9-]+)", document.read_text())) <= targets


def test_the_readme_names_the_demo_and_the_test_command() -> None:
    assert {"make demo", "make test"} <= set(re.findall(r"make (?:demo|test)", README.read_text()))


def test_the_readme_names_the_demo_on_its_first_screen() -> None:
    first_screen = README.read_text().partition("\n## ")[0]
    assert "$ make demo\n" in first_screen
    assert len(README.read_text().splitlines()) <= 150


def test_the_readme_names_the_parameter_as_the_template_does(stack: Stack) -> None:
    service = stack.document["Parameters"]["ServiceName"]["Default"]
    assert stack.document["Outputs"]["ParameterName"]["Value"] == {"Fn::Sub": "/${ServiceName}/image-uri"}
    names = set(re.findall(r"/[a-z-]+/image-uri", README.read_text()))
    assert names == {f"/{service}/image-uri"}


def test_security_names_the_output_with_the_uploaders_policy(stack: Stack) -> None:
    assert "UploaderPolicyArn" in stack.document["Outputs"]
    assert "`UploaderPolicyArn`" in (ROOT / "SECURITY.md").read_text()


def test_the_table_of_tests_has_every_suite() -> None:
    documented = {row[0].strip("`") for row in rows(section(CONTRIBUTING, "Tests"))}
    parts = [path.relative_to(ROOT).parts for path in (ROOT / "tests").rglob("test_*.py")]
    assert documented == {"/".join(each[: 3 if each[1] == "unit" else 2]) for each in parts}


def test_the_table_of_dependencies_has_every_requirements_file() -> None:
    documented = {row[0].strip("`") for row in rows(section(CONTRIBUTING, "Dependencies"))}
    assert documented == {path.name for path in (ROOT / "requirements").glob("*.txt")}


def test_the_local_clouds_page_has_every_module_that_supplies_something() -> None:
    supplied = rows(section(ROOT / "docs/local-cloud.md", "What we add to the emulator"))
    documented = {module for row in supplied for module in re.findall(r"`([a-z0-9_]+)`", row[0])}
    machinery = {"__init__", "__main__", "answers", "events", "replacing", "live_settings"}
    assert documented == {path.stem for path in (ROOT / "local/cloud").rglob("*.py")} - machinery


DECISIONS = [path for path in DOCUMENTS if path.parent.name == "decisions" and path.name != "README.md"]


@pytest.mark.parametrize("page", DECISIONS, ids=lambda path: path.stem)
def test_every_decision_has_a_subject_and_a_date(page: Path) -> None:
    title, *paragraphs = re.split(r"\n\n(?!- |\*Rejected)", page.read_text())
    decisions = [each for each in paragraphs if not each.startswith("## ")]

    assert title.startswith("# Decisions: ")
    assert decisions
    assert [each for each in decisions if not re.match(r"\*\*[^*]+\*\* \(20\d\d-\d\d-\d\d\)\. ", each)] == []


def test_the_index_of_the_decisions_has_every_page() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text()
    assert {*re.findall(r"\((\w[\w-]*\.md)\)", index)} == {page.name for page in DECISIONS}

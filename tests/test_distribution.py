"""What leads to people without a clone fits the package: metadata, container files, workflows, forms."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer
import yaml

from tenfold import __version__
from tenfold.cli.app import app
from tenfold.serve.server import FREE
from tenfold.serve.settings import Settings

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
INNER = {"dev", "docs", "browser", "fuzz", "referees", "release"}  # extras of those who work on tenfold
MAKE = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def long_description(readme: str, source: str | None) -> str:
    return tool("long_description").long_description(readme, source)


# --- metadata


def test_the_long_description_has_no_relative_link() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not re.findall(r"\]\((?!https?://)", long_description(readme, None))
    linked = long_description(readme, "https://forge.example/tenfold/")
    assert not re.findall(r"\]\((?!https?://)", linked)
    assert "](https://forge.example/tenfold/blob/HEAD/CONTRIBUTING.md)" in linked
    assert "](https://forge.example/tenfold/raw/HEAD/docs/images/page-light.png)" in linked


def test_links_without_an_address_become_text() -> None:
    text = "![a](b.png)\n\n[c](d.md#e), [f](https://example.org/g), `[h](i)`\n"
    assert long_description(text, None) == "c, [f](https://example.org/g), `h`\n"


def test_pythons_are_the_same_in_metadata_and_workflows() -> None:
    classified = re.findall(r"Python :: (3\.\d+)", " ".join(PROJECT["classifiers"]))
    assert read(".github/workflows/checks.yml")["jobs"]["wheel"]["strategy"]["matrix"]["python"] == classified
    assert PROJECT["requires-python"] == f">={classified[0]}"


def test_the_citation_has_the_version_and_the_licence() -> None:
    citation = read("CITATION.cff")
    assert (citation["version"], citation["license"]) == (__version__, PROJECT["license"])


def test_every_extra_is_in_the_table() -> None:
    page = (ROOT / "docs/extras.md").read_text(encoding="utf-8")
    rows = [row.split("|") for row in re.findall(r"^\| `.*", page, re.MULTILINE)]
    listed = {
        extra: cells[3] for cells in rows for extra in re.findall(r"`([a-z-]+)`", cells[1])
    }  # fmt: skip
    extras = PROJECT["optional-dependencies"]
    assert set(listed) == set(extras) - INNER
    for extra, packages in listed.items():
        for needed in extras[extra]:
            assert re.split(r"[\[>=<;]", needed)[0] in packages, (extra, needed)


def wheel(path: Path, names: list[str], text: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "")
        archive.writestr("tenfold-1.dist-info/METADATA", f"Description-Content-Type: text/markdown\n\n{text}")
    return path


def test_what_is_wrong_with_a_wheel_is_noticed(tmp_path: Path) -> None:
    check = tool("check_wheel")
    whole, text = [*check.NEEDED], "word " * 300
    assert check.faults(wheel(tmp_path / "good.whl", whole, text)) == []
    bad = wheel(tmp_path / "bad.whl", [*whole[1:], "tests/a.py", "tenfold/b.pyc"], text + "[c](docs/d.md)")
    assert check.faults(bad) == [
        "tenfold/py.typed is missing",
        "tests/a.py does not belong there",
        "tenfold/b.pyc does not belong there",
        "relative link docs/d.md",
    ]
    assert check.faults(wheel(tmp_path / "bare.whl", whole, "")) == ["the long description is missing"]


# --- containers


def test_what_the_container_copies_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [line.split()[:-1] for line in re.findall(r"^COPY (?!--from)(.*)", DOCKERFILE, re.MULTILINE)]
    sources = [source for line in copied for source in line]
    assert "src" in sources
    for source in sources:
        assert (ROOT / source).exists(), source
        assert f"!{source}" in ignored, source
    assert "*" in ignored


def test_the_container_has_what_the_build_needs() -> None:
    metadata = (ROOT / "tools/long_description.py").read_text(encoding="utf-8")
    for needed in ("README.md", "LICENSE", "pyproject.toml", "tools/long_description.py"):
        assert re.search(rf"^COPY .*{re.escape(needed)}", DOCKERFILE, re.MULTILINE), needed
    assert "README.md" in metadata


def test_the_container_asks_the_health_path_on_the_port_that_it_serves() -> None:
    [command] = re.findall(r"^CMD (\[.*\])", DOCKERFILE, re.MULTILINE)
    words = json.loads(command)
    port = words[words.index("--port") + 1]
    assert int(port) == Settings().port
    [exposed] = re.findall(r"^EXPOSE (\d+)", DOCKERFILE, re.MULTILINE)
    [(asked, path)] = re.findall(r"http://127\.0\.0\.1:(\d+)(/[a-z0-9/]+)", DOCKERFILE)
    assert {exposed, asked} == {port}
    assert path in FREE


def test_the_container_runs_as_somebody_else_than_root() -> None:
    [user] = re.findall(r"^USER (\d+)", DOCKERFILE, re.MULTILINE)
    assert int(user) > 0
    assert DOCKERFILE.index("USER") > DOCKERFILE.rindex("\nCOPY")
    [cache] = set(re.findall(r"TENFOLD_CACHE=(\S+)", DOCKERFILE))
    assert (
        f"COPY --from=build --chown={user}:{user} {cache} {cache}\n" in DOCKERFILE
    )  # nobody else may read it


def test_compose_reaches_the_server_only_through_the_proxy() -> None:
    services = read("compose.yaml")["services"]
    server, proxy = services["tenfold"], services["proxy"]
    assert "ports" not in server
    assert (server["read_only"], server["cap_drop"], server["tmpfs"]) == (True, ["ALL"], ["/tmp"])
    port = server["command"][server["command"].index("--port") + 1]
    caddy = (ROOT / "deploy/Caddyfile").read_text(encoding="utf-8")
    assert f"reverse_proxy {{$TENFOLD_UPSTREAM:tenfold:{port}}}" in caddy
    assert server["command"][server["command"].index("--name") + 1] == "${TENFOLD_SITE:-localhost}"
    assert "{$TENFOLD_SITE:localhost} {" in caddy
    for volume in proxy["volumes"]:
        source = volume.split(":")[0]
        assert (
            (ROOT / source).is_file() if source.startswith(".") else source in read("compose.yaml")["volumes"]
        )


def test_the_server_understands_what_the_containers_say() -> None:
    serve = typer.main.get_command(app).commands["serve"]
    words = read("compose.yaml")["services"]["tenfold"]["command"]
    assert words[0] == "serve"
    assert serve.make_context("serve", words[1:]).params["host"] == "0.0.0.0"


def test_the_development_container_uses_commands_that_there_are() -> None:
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    assert container["postCreateCommand"].split()[1] in MAKE
    assert container["forwardPorts"] == [Settings().port]


# --- workflows and forms


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_may_read_only_and_run_what_there_is(workflow: Path) -> None:
    found = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    assert found["permissions"] == {"contents": "read"}
    for job in found["jobs"].values():
        for step in job["steps"]:
            words = step.get("run", "").split() or [""]
            if words[0] == "make":
                assert words[1] in MAKE
            elif "/" in words[0]:
                assert (ROOT / words[0]).stat().st_mode & 0o100


def test_publishing_is_off_until_somebody_turns_it_on() -> None:
    jobs = read(".github/workflows/release.yml")["jobs"]
    assert jobs["publish"]["if"] == "vars.PUBLISH == 'true'"
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert jobs["publish"]["needs"] == "build"


def test_hooks_are_the_commands_of_make_check() -> None:
    [repo] = read(".pre-commit-config.yaml")["repos"]
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ncheck:")[2].partition("\n\n")[0]
    assert len(repo["hooks"]) == 3
    for hook in repo["hooks"]:
        assert hook["entry"].replace(".venv/bin", "$(BIN)") in recipe


@pytest.mark.parametrize("form", ["bug", "misread", "idea"])
def test_forms_have_questions_with_names_of_their_own(form: str) -> None:
    found = read(f".github/ISSUE_TEMPLATE/{form}.yml")
    assert found["name"]
    assert found["description"]
    names = [question["id"] for question in found["body"]]
    assert len(names) == len(set(names))
    assert any(question.get("validations", {}).get("required") for question in found["body"])

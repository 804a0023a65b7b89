"""The files that deploy the system say what the code needs: checked against their schemas, the settings and each other."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from compose_pydantic import ComposeSpecification

from gateway.settings import GatewaySettings
from shared.settings import SharedSettings

ROOT = Path(__file__).parents[2]
SERVICES = ("identity", "points", "proposals", "property", "media", "notifications")
PARTS = [part for service in SERVICES for part in (service, f"{service}-worker")]
BASE = ROOT / "deploy/kubernetes/base"
KUBERNETES = "1.30.0"


def settings_of(part: str) -> type[SharedSettings]:
    if part == "gateway":
        return GatewaySettings
    settings: type[SharedSettings] = import_module(f"services.{part.removesuffix('-worker')}.settings").Settings
    return settings


def required(settings: type[SharedSettings]) -> set[str]:
    return {name.upper() for name, field in settings.model_fields.items() if field.is_required()}


def known(settings: type[SharedSettings]) -> set[str]:
    return {name.upper() for name in settings.model_fields} | {"SERVICE"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return document


def manifests() -> list[dict[str, Any]]:
    return [
        document
        for path in sorted(BASE.glob("*.yaml"))
        if path.name != "kustomization.yaml"
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]


def named(document: dict[str, Any]) -> str:
    return f"{document['kind']}/{document['metadata']['name']}"


def test_compose_fits_its_schema(compose: dict[str, Any]) -> None:
    parsed = ComposeSpecification.model_validate({k: v for k, v in compose.items() if not k.startswith("x-")})

    assert parsed.services is not None
    assert set(PARTS) | {"gateway-1", "gateway-2", "postgres", "redis", "migrate", "proxy"} == set(parsed.services)


@pytest.mark.parametrize("part", PARTS)
def test_compose_gives_each_part_what_its_settings_ask_for(compose: dict[str, Any], part: str) -> None:
    given = compose["services"][part]["environment"]

    assert given["SERVICE"] == part
    assert required(settings_of(part)) <= set(given)
    assert set(given) <= known(settings_of(part)), "a variable that no setting reads"


def test_compose_gateways_are_two_and_alike(compose: dict[str, Any]) -> None:
    first, second = compose["services"]["gateway-1"], compose["services"]["gateway-2"]

    assert first == second
    assert required(GatewaySettings) <= set(first["environment"]) <= known(GatewaySettings)
    assert "DATABASE_URL" not in first["environment"]


def test_compose_asks_for_no_variable_that_the_example_does_not_name() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    example = set(re.findall(r"^(\w+)=", (ROOT / "deploy/.env.example").read_text(encoding="utf-8"), re.MULTILINE))

    assert set(re.findall(r"\$\{(\w+)", text)) - {"DIYUAN_VERSION"} <= example


def test_nothing_but_the_proxy_is_published(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["proxy"]


@pytest.mark.parametrize("document", manifests(), ids=named)
def test_manifest_fits_its_schema(document: dict[str, Any]) -> None:
    kubernetes_validate.validate(document, KUBERNETES, strict=True)


def test_a_manifest_with_a_wrong_field_is_refused() -> None:
    deployment = next(d for d in manifests() if d["kind"] == "Deployment")

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(
            deployment | {"spec": deployment["spec"] | {"replica": 2}}, KUBERNETES, strict=True
        )


def test_every_manifest_is_listed_and_every_listed_one_is_there() -> None:
    listed = yaml.safe_load((BASE / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]

    assert sorted(listed) == sorted(path.name for path in BASE.glob("*.yaml") if path.name != "kustomization.yaml")


def deployments() -> dict[str, dict[str, Any]]:
    return {d["metadata"]["name"]: d for d in manifests() if d["kind"] == "Deployment"}


def test_kubernetes_runs_every_part() -> None:
    assert set(deployments()) == {*PARTS, "gateway"}


SECRETS = {
    "diyuan-shared": {
        "DATABASE_URL",
        "REDIS_URL",
        "FIELD_KEYS",
        "INDEX_KEY",
        "MEDIA_BUCKET_ACCESS_KEY",
        "MEDIA_BUCKET_SECRET_KEY",
    },
    "diyuan-gateway": {"REDIS_URL"},
}
"""Keys of the secrets as deploy/README.md lists them."""


@pytest.mark.parametrize("part", [*PARTS, "gateway"])
def test_kubernetes_gives_each_part_what_its_settings_ask_for(part: str) -> None:
    configs = {d["metadata"]["name"]: set(d["data"]) for d in manifests() if d["kind"] == "ConfigMap"}
    (container,) = deployments()[part]["spec"]["template"]["spec"]["containers"]
    given = {entry["name"] for entry in container["env"]}
    for source in container["envFrom"]:
        given |= (
            configs[source["configMapRef"]["name"]]
            if "configMapRef" in source
            else SECRETS[source["secretRef"]["name"]]
        )

    assert required(settings_of(part)) <= given
    assert next(e["value"] for e in container["env"] if e["name"] == "SERVICE") == part
    if part == "gateway":
        assert "DATABASE_URL" not in given


def test_the_readme_lists_the_secrets_that_are_used() -> None:
    text = (ROOT / "deploy/README.md").read_text(encoding="utf-8")

    for name, keys in SECRETS.items():
        assert name in text
        assert all(f"`{key}`" in text for key in keys)


def test_every_http_part_is_probed_and_nothing_runs_as_root() -> None:
    for name, deployment in deployments().items():
        pod = deployment["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        if not name.endswith("-worker"):
            assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_the_image_holds_what_start_sh_starts() -> None:
    copied = re.findall(
        r"^COPY (?:--\S+ )?(.+)$", (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8"), re.MULTILINE
    )
    words = {word for line in copied for word in line.split()}

    assert {"shared", "services", "gateway", "deploy/start.sh", "deploy/migrate.py"} <= words
    for path in words - {"/venv", "./", "deploy/"}:
        assert (ROOT / path).exists(), path

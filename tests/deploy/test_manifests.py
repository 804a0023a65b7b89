"""The files that deploy the system say what the code needs: checked against their schemas, the settings and each other."""

import base64
import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import kubernetes_validate
import pytest
import yaml
from compose_pydantic import ComposeSpecification
from pydantic import ValidationError

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


def started(monkeypatch: pytest.MonkeyPatch, part: str, environment: dict[str, str]) -> SharedSettings:
    """Return the settings of a part that starts with nothing but this environment."""
    for name in known(settings_of(part)):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return settings_of(part)()


def example(**changes: str) -> dict[str, str]:
    """Return the variables of the example, filled in as it says: what it leaves empty and compose insists on is a key or a password."""
    text = (ROOT / "deploy/.env.example").read_text(encoding="utf-8")
    commands = re.findall(r'python3 -c "([^"]+)"', text)
    password, key = (subprocess.check_output([sys.executable, "-c", one], text=True).strip() for one in commands)
    filled = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
    for name in re.findall(r"\$\{(\w+):\?\}", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")):
        filled[name] = filled[name] or (password if name.endswith("PASSWORD") else key)
    filled["FIELD_KEYS"] = filled["FIELD_KEYS"].replace('""', f'"{key}"')
    return filled | changes


def given_by(compose: dict[str, Any], part: str, variables: dict[str, str]) -> dict[str, str]:
    """Return a part's environment as compose puts the variables into it."""
    return {
        name: re.sub(r"\$\{(\w+)(?::-([^}]*))?[^}]*\}", lambda found: variables[found[1]] or found[2] or "", str(value))
        for name, value in compose["services"][part]["environment"].items()
    }


def test_what_the_example_says_makes_passwords_and_keys_that_fit(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands the example names are run, its variables filled in with what they print, and every part started with them."""
    filled = example()
    password = filled["POSTGRES_PASSWORD"]

    for part in (*PARTS, "gateway-1"):
        settings = started(monkeypatch, part.removesuffix("-1"), given_by(compose, part, filled))
        for name in ("redis_url", "database_url"):
            if name in type(settings).model_fields:
                address = urlsplit(getattr(settings, name).get_secret_value())
                assert (unquote(address.password or ""), address.port is None) == (password, False), (part, name)


WECHAT = {"CHECK_MODE": "wechat", "WECHAT_TEMPLATES": '{"vote_open": "of-wechat"}'}
PUSH = "a-token-of-twenty-four-x"


def assert_wechat_is_on(part: str, settings: Any) -> None:
    if part.startswith("media"):
        assert (settings.check_mode, settings.wechat_push_token.get_secret_value()) == ("wechat", PUSH)
        assert settings.wechat_app_id
        assert settings.wechat_secret
    else:
        assert settings.wechat_templates == {"vote_open": "of-wechat"}


OF_WECHAT = ["media", "media-worker", "notifications", "notifications-worker"]


@pytest.mark.parametrize("part", OF_WECHAT)
def test_env_turns_wechat_on_and_leaves_it_off_when_empty(
    compose: dict[str, Any], part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on = started(monkeypatch, part, given_by(compose, part, example(**WECHAT, WECHAT_PUSH_TOKEN=PUSH)))
    assert_wechat_is_on(part, on)

    off: Any = started(monkeypatch, part, given_by(compose, part, example()))
    if part.startswith("media"):
        assert (off.check_mode, off.wechat_push_token, off.media_bucket) == ("local", None, None)
    else:
        assert off.wechat_templates == {}


@pytest.mark.parametrize("missing", ["WECHAT_APP_ID", "WECHAT_SECRET", "WECHAT_PUSH_TOKEN"])
def test_media_does_not_start_with_half_of_wechats_check(
    compose: dict[str, Any], missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = given_by(compose, "media", example(**WECHAT, WECHAT_PUSH_TOKEN=PUSH)) | {missing: ""}
    with pytest.raises(ValidationError, match=f"CHECK_MODE=wechat 还缺 {missing}"):
        started(monkeypatch, "media", environment)


def test_env_reaches_every_variable_that_may_be_left_empty(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each optional variable of the example is some part's setting, and what is written there arrives."""
    written = {
        "MEDIA_BUCKET": "files",
        "OTLP_ENDPOINT": "http://traces:4318",
        "POOL_SIZE": "7",
        "CORS_ORIGINS": '["https://a.example"]',
        "HAS_ACCESS_LOG": "true",
        "ACCOUNT_LIMIT_PER_MINUTE": "77",
    }
    media: Any = started(monkeypatch, "media", given_by(compose, "media", example(**written)))
    assert (media.media_bucket, media.otlp_endpoint, media.pool_size) == ("files", "http://traces:4318", 7)
    gateway: Any = started(monkeypatch, "gateway", given_by(compose, "gateway-1", example(**written)))
    assert (gateway.cors_origins, gateway.has_access_log) == (["https://a.example"], True)
    assert gateway.account_limit_per_minute == 77

    empty = {name for name, value in example().items() if not value}
    used = {name for part in (*PARTS, "gateway-1") for name in compose["services"][part]["environment"]}
    assert empty
    assert empty <= used


def test_the_gateways_know_the_proxy_by_its_only_network(compose: dict[str, Any]) -> None:
    (network,) = compose["services"]["proxy"]["networks"]
    (trusted,) = json.loads(compose["services"]["gateway-1"]["environment"]["TRUSTED_PROXIES"])
    assert network in compose["services"]["gateway-1"]["networks"]
    assert compose["networks"][network]["ipam"]["config"] == [{"subnet": trusted}]


def test_every_part_of_compose_is_asked_how_it_is(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if name not in {"migrate", "proxy"}:
            assert service["healthcheck"]["test"], name
            if name in PARTS:
                asked = "9000/healthz" if name.endswith("-worker") else "8000/readyz"
                assert asked in service["healthcheck"]["test"][-1], name


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


KEY = base64.b64encode(bytes(range(32))).decode()
SECRET_VALUES = {
    "DATABASE_URL": "postgresql://diyuan:secret@postgres/diyuan",
    "REDIS_URL": "redis://redis:6379/0",
    "FIELD_KEYS": json.dumps({"k1": KEY}),
}
"""What the secrets of a cluster hold; every other one is a key."""


@pytest.mark.parametrize("part", [*PARTS, "gateway"])
def test_kubernetes_starts_each_part_with_what_it_is_given(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    configs = {d["metadata"]["name"]: d["data"] for d in manifests() if d["kind"] == "ConfigMap"}
    (container,) = deployments()[part]["spec"]["template"]["spec"]["containers"]
    own = {entry["name"]: entry.get("value", KEY) for entry in container["env"]}
    given = {}
    for source in container["envFrom"]:
        if "configMapRef" in source:
            given |= configs[source["configMapRef"]["name"]]
        else:
            given |= {name: SECRET_VALUES.get(name, KEY) for name in SECRETS[source["secretRef"]["name"]]}

    assert required(settings_of(part)) <= given.keys() | own.keys()
    assert own.keys() <= known(settings_of(part)), "a variable that no setting reads"
    assert own["SERVICE"] == part
    assert not started(monkeypatch, part, given | own).is_development
    if part == "gateway":
        assert "DATABASE_URL" not in given
        assert given.keys() <= known(GatewaySettings)


@pytest.mark.parametrize("part", OF_WECHAT)
def test_kubernetes_turns_wechat_on_by_configuration_and_secret(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (config,) = [d["data"] for d in manifests() if d["kind"] == "ConfigMap" and d["metadata"]["name"] == "diyuan"]
    assert set(WECHAT) <= set(config), "an overlay replaces what is there"
    (container,) = deployments()[part]["spec"]["template"]["spec"]["containers"]
    shared = {name: SECRET_VALUES.get(name, KEY) for name in SECRETS["diyuan-shared"]}
    secret = {"WECHAT_SECRET": KEY, "WECHAT_PUSH_TOKEN": PUSH}
    own, optional = {}, set()
    for entry in container["env"]:
        ref = entry.get("valueFrom", {}).get("secretKeyRef", {})
        if ref.get("optional"):
            optional.add(entry["name"])
        if "value" in entry or ref["key"] in secret:
            own[entry["name"]] = entry.get("value") or secret[ref["key"]]

    assert_wechat_is_on(part, started(monkeypatch, part, config | shared | own | WECHAT))
    started(monkeypatch, part, {k: v for k, v in (config | shared | own).items() if k not in optional})
    assert optional == ({"WECHAT_PUSH_TOKEN", "WECHAT_PUSH_AES_KEY"} if part.startswith("media") else set())


def test_somebody_reads_each_variable_that_all_services_are_given() -> None:
    shared = {name for d in manifests() if d["metadata"]["name"] == "diyuan" for name in d.get("data", {})}
    read = {name for part in PARTS for name in known(settings_of(part))}

    assert shared
    assert shared | SECRETS["diyuan-shared"] <= read


def test_the_districts_overlay_changes_what_is_there() -> None:
    overlay = yaml.safe_load((BASE.parent / "overlays/district/kustomization.yaml").read_text(encoding="utf-8"))

    assert [(BASE.parent / "overlays/district" / one).resolve() for one in overlay["resources"]] == [BASE]
    for patch in overlay["patches"]:
        (target,) = [
            d
            for d in manifests()
            if (d["kind"], d["metadata"]["name"]) == (patch["target"]["kind"], patch["target"]["name"])
        ]
        for change in yaml.safe_load(patch["patch"]):
            at: Any = target
            for step in change["path"].strip("/").split("/"):
                at = at[int(step)] if isinstance(at, list) else at[step]
            assert change["op"] == "replace"
            assert type(at) is type(change["value"]) is str, change["path"]


def test_the_readme_lists_the_secrets_that_are_used() -> None:
    text = (ROOT / "deploy/README.md").read_text(encoding="utf-8")

    named = {
        entry["valueFrom"]["secretKeyRef"]["key"]
        for deployment in deployments().values()
        for container in deployment["spec"]["template"]["spec"]["containers"]
        for entry in container["env"]
        if "valueFrom" in entry
    }
    for name, keys in (SECRETS | {"diyuan": named}).items():
        assert name in text
        assert all(f"`{key}`" in text for key in keys)


def test_the_readme_lists_what_may_be_left_empty() -> None:
    text = (ROOT / "deploy/README.md").read_text(encoding="utf-8")

    assert [name for name, value in example().items() if not value and f"`{name}`" not in text] == []


def test_every_part_is_probed_and_nothing_runs_as_root() -> None:
    for name, deployment in deployments().items():
        pod = deployment["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        is_worker = name.endswith("-worker")
        if not is_worker:
            assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
        for probe in ("startupProbe", "livenessProbe"):
            # A worker has no door but the one it tells its numbers on.
            door = {"path": "/healthz", "port": "metrics" if is_worker else "http"}
            assert container[probe]["httpGet"] == door, (name, probe)
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        assert container["livenessProbe"]["httpGet"]["port"] in ports, name
        if is_worker:
            assert f"0.0.0.0:{ports['metrics']}" in (ROOT / "deploy/start.sh").read_text(encoding="utf-8")


def test_the_image_holds_what_start_sh_starts() -> None:
    copied = re.findall(
        r"^COPY (?:--\S+ )?(.+)$", (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8"), re.MULTILINE
    )
    words = {word for line in copied for word in line.split()}

    assert {"shared", "services", "gateway", "deploy/start.sh", "deploy/migrate.py"} <= words
    for path in words - {"/venv", "./", "deploy/"}:
        assert (ROOT / path).exists(), path

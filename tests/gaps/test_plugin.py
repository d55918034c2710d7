"""The mlgap provider around its resources, its start script, and the typed classes."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import grpc
import pulumi
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2_grpc

from mlplatform import __version__
from mlplatform.gaps.plugin import registry
from mlplatform.gaps.plugin.provider import Gaps
from mlplatform.gaps.sdk import Provider, aws, azure, gcp
from mlplatform.gaps.sdk.aws import Endpoint
from mlplatform.gaps.sdk.resource import GapResource, message
from mlplatform.provider.model import Context, ProviderError
from mlplatform.provider.values import UNKNOWN
from tests.recorder import run

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("token", registry.RESOURCES)
def test_every_type_of_the_registry_can_be_loaded(token: str) -> None:
    assert registry.cloud_of(token) in registry.CLOUDS
    for member in ("check", "diff", "create", "read", "update", "delete"):
        assert callable(getattr(registry.resource_type(token), member))


@pytest.mark.parametrize("name", registry.CLOUDS)
def test_every_cloud_of_the_registry_can_be_loaded(name: str) -> None:
    assert registry.cloud_type(name).check({}) != []


def test_configuration_is_checked_for_all_clouds_at_once() -> None:
    failures = Gaps().check_config({"aws": {"region": 1}, "aws_": {}, "version": "1", "gcp": "x"})
    assert {failure.path for failure in failures} == {
        "aws.region",
        "aws.account_id",
        "aws_",
        "gcp",
    }
    assert Gaps().check_config({"aws": UNKNOWN}) == []
    assert "allowed: an object" in Gaps().check_config({"aws": "x"})[0].reason


def test_a_resource_without_settings_of_its_cloud_is_told_what_to_do() -> None:
    ctx = Context(urn="u", token="mlgap:aws:Endpoint", name="n")
    with pytest.raises(ProviderError, match=r"needs mlgap's aws settings: .*aws=\{\.\.\.\}"):
        Gaps().check(ctx, {}, None)


def test_an_unknown_type_is_told_with_the_nearest() -> None:
    ctx = Context(urn="u", token="mlgap:aws:EndPoint", name="n")
    with pytest.raises(ProviderError, match="nearest: mlgap:aws:Endpoint"):
        Gaps().check(ctx, {}, None)


def plugin_folder(root: Path) -> Path:
    folder = root / "plugins" / "mlgap"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "plugins" / "mlgap" / "pulumi-resource-mlgap", folder)
    return folder / "pulumi-resource-mlgap"


@pytest.mark.parametrize(
    ("where", "variable"),
    [(".venv", ""), ("env/py", "env/py"), ("elsewhere", "{tmp}/root/elsewhere"), (".venv", "gone")],
)
def test_the_start_script_finds_the_environment(where: str, variable: str, tmp_path: Path) -> None:
    script = plugin_folder(tmp_path / "root")
    bin_folder = tmp_path / "root" / where / "bin"
    bin_folder.mkdir(parents=True)
    (bin_folder / "python").symlink_to(sys.executable)
    environment = {k: v for k, v in os.environ.items() if k != "PULUMI_RUNTIME_VIRTUALENV"}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), *[p for p in sys.path if p]])
    if variable:
        environment["PULUMI_RUNTIME_VIRTUALENV"] = variable.format(tmp=tmp_path)
    process = subprocess.Popen(
        [script, "127.0.0.1:1"], env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
        client = provider_pb2_grpc.ResourceProviderStub(channel)
        assert client.GetPluginInfo(empty_pb2.Empty()).version == __version__
        client.Cancel(empty_pb2.Empty())
    process.communicate(timeout=10)
    assert process.returncode == 0


def test_the_start_script_says_what_is_missing(tmp_path: Path) -> None:
    script = plugin_folder(tmp_path / "root")
    environment = {"PATH": os.environ["PATH"], "PULUMI_RUNTIME_VIRTUALENV": "nowhere"}
    result = subprocess.run([script], env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith("mlgap: no Python environment in ")
    assert len(result.stderr.splitlines()) == 1


def test_the_classes_send_camel_case_types_and_version() -> None:
    def program() -> None:
        provider = Provider("gaps", aws={"region": "us-east-1", "account_id": "123456789012"})
        endpoint = Endpoint(
            "shop",
            endpoint_name="shop",
            endpoint_config_name=pulumi.Output.from_input("c1"),
            tags={"Team": "ml"},
            opts=pulumi.ResourceOptions(provider=provider),
        )
        pulumi.export("name", endpoint.endpoint_name)

    asyncio.set_event_loop(asyncio.new_event_loop())
    inventory = run(program)
    endpoint = inventory.one("mlgap:aws:Endpoint")
    assert endpoint.inputs == {
        "endpointName": "shop",
        "endpointConfigName": "c1",
        "tags": {"Team": "ml"},
    }
    assert endpoint.request.version == __version__
    provider = inventory.one("pulumi:providers:mlgap")
    assert provider.inputs == {"aws": '{"region": "us-east-1", "account_id": "123456789012"}'}
    assert provider.request.version == __version__


def test_get_reads_an_endpoint_by_its_name_and_declares_nothing() -> None:
    found: list[str] = []

    def program() -> None:
        endpoint = Endpoint.get("shop", "shop")
        endpoint.id.apply(found.append)

    asyncio.set_event_loop(asyncio.new_event_loop())
    assert run(program).resources == []
    assert found == ["shop"]


def classes() -> list[type[GapResource]]:
    exported = [getattr(cloud, name) for cloud in (aws, azure, gcp) for name in cloud.__all__]
    return [one for one in exported if issubclass(one, GapResource)]


def test_every_type_of_the_registry_has_a_class() -> None:
    assert sorted(one.TOKEN for one in classes()) == sorted(registry.RESOURCES)


@pytest.mark.parametrize("cls", classes(), ids=lambda cls: cls.TOKEN)
def test_every_class_says_what_it_needs(cls: type[GapResource]) -> None:
    with pytest.raises(TypeError, match=f"{cls.TOKEN} 'x' needs [a-z]"):
        cls("x")


def test_an_output_is_read_by_the_name_that_the_engine_has_for_it() -> None:
    model = gcp.Model
    assert (model.version_id.wire_name, model.name.wire_name) == ("versionId", "name")


def test_nested_arguments_go_in_camel_case_without_what_was_left_out() -> None:
    idle = gcp.ScaleToZeroArgs(idle_s=300, min_up_s=600)
    made = gcp.DeploymentArgs(model="m@1", traffic=100, scale_to_zero=idle)
    assert message(made) == {
        "model": "m@1",
        "traffic": 100,
        "scaleToZero": {"idleS": 300, "minUpS": 600},
    }


def test_an_endpoint_needs_its_names() -> None:
    with pytest.raises(TypeError, match="needs endpoint_name and endpoint_config_name"):
        Endpoint("shop")  # type: ignore[call-arg]


AT_ONCE = """
import threading
from mlplatform.gaps.plugin import registry

start, wrong = threading.Barrier(len(registry.RESOURCES)), []

def use(token):
    start.wait()
    try:
        registry.resource_type(token)
    except ImportError as error:
        wrong.append(f"{token}: {error}")

threads = [threading.Thread(target=use, args=(token,)) for token in registry.RESOURCES]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(wrong)
"""


def test_many_threads_may_use_every_type_for_the_first_time_at_once() -> None:
    for _ in range(3):  # without a lock, most times some of them fail
        run = subprocess.run(
            [sys.executable, "-c", AT_ONCE], capture_output=True, text=True, check=True
        )
        assert run.stdout.strip() == "[]"

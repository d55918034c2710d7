"""What the sandbox makes of a stack's configuration and of the user's environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from mlplatform.sandbox import command, environment, identity, project, stackfile


def stack_file(folder: Path, name: str, content: dict[str, Any]) -> None:
    (folder / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump(content))


def test_encrypted_values_become_placeholders_of_their_declared_type(tmp_path: Path) -> None:
    secret = {"secure": "v1:abc:def"}
    stack_file(
        tmp_path,
        "dev",
        {
            "encryptionsalt": "v1:real",
            "secretsprovider": "awskms://x",
            "config": {
                "p:text": secret,
                "p:number": secret,
                "p:flag": secret,
                "p:list": secret,
                "p:map": secret,
                "p:deep": {"inner": [secret, 2]},
                "p:plain": "kept",
            },
        },
    )
    types = {"p:number": "integer", "p:flag": "boolean", "p:list": "array", "p:map": "object"}
    loaded = stackfile.load(tmp_path, "dev", types)
    assert loaded.content == {
        "config": {
            "p:text": "sandbox-placeholder",
            "p:number": 0,
            "p:flag": False,
            "p:list": [],
            "p:map": {},
            "p:deep": {"inner": ["sandbox-placeholder", 2]},
            "p:plain": "kept",
        }
    }


def test_the_copy_carries_the_sandboxs_own_salt(tmp_path: Path) -> None:
    stack_file(tmp_path, "dev", {"encryptionsalt": "v1:real", "config": {"p:a": 1}})
    salt = tmp_path / "salt.yaml"
    salt.write_text("encryptionsalt: v1:own\n")
    target = tmp_path / "copies" / "Pulumi.dev.yaml"
    stackfile.write_copy(stackfile.load(tmp_path, "dev", {}), salt, target)
    assert yaml.safe_load(target.read_text()) == {"config": {"p:a": 1}, "encryptionsalt": "v1:own"}


@pytest.mark.parametrize(
    ("files", "stack", "chosen"),
    [
        (["dev"], "dev", "dev"),
        (["dev"], "dev-aws", "dev"),
        (["dev", "dev-aws"], "dev-aws", "dev-aws"),
        (["dev"], "dev-eu", None),
        ([], "dev", None),
    ],
)
def test_a_split_stack_uses_its_own_file_else_the_environments(
    tmp_path: Path, files: list[str], stack: str, chosen: str | None
) -> None:
    for name in files:
        stack_file(tmp_path, name, {})
    expected = tmp_path / f"Pulumi.{chosen}.yaml" if chosen else None
    assert stackfile.path_of(tmp_path, stack) == expected


@pytest.mark.parametrize(
    ("stack", "clouds"), [("dev", {"aws", "gcp"}), ("dev-aws", {"aws"}), ("dev-azure", set())]
)
def test_a_stack_split_by_cloud_needs_only_that_cloud(
    tmp_path: Path, stack: str, clouds: set[str]
) -> None:
    stack_file(tmp_path, "dev", {"config": {"mlplatform:clouds": {"aws": {}, "gcp": {}}}})
    assert stackfile.load(tmp_path, stack, {}).clouds() == clouds


def test_a_stack_that_names_no_clouds_leaves_the_choice_open(tmp_path: Path) -> None:
    assert stackfile.load(tmp_path, "dev", {}).clouds() is None


@pytest.mark.parametrize(("text", "said"), [("a: [1", "line 2"), ("- a\n", "got list")])
def test_a_stack_file_that_is_no_mapping_is_refused_by_name(
    tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text(f"\n{text}")
    with pytest.raises(stackfile.StackFileError, match=f"Pulumi.dev.yaml.*{said}"):
        stackfile.load(tmp_path, "dev", {})


def test_a_stack_name_that_pulumi_refuses_is_refused() -> None:
    with pytest.raises(stackfile.StackFileError, match="got 'a/b'"):
        stackfile.load(Path(), "a/b", {})


def test_a_users_credentials_and_backends_do_not_reach_a_run(tmp_path: Path) -> None:
    own = {
        "AWS_PROFILE": "prod",
        "AWS_ACCESS_KEY_ID": "AKIA",
        "GOOGLE_APPLICATION_CREDENTIALS": "/k.json",
        "CLOUDSDK_CORE_PROJECT": "p",
        "ARM_CLIENT_SECRET": "s",
        "AZURE_TENANT_ID": "t",
        "PULUMI_ACCESS_TOKEN": "pul-1",
        "PULUMI_BACKEND_URL": "s3://state",
        "PULUMI_CONFIG_PASSPHRASE_FILE": "/pass",
    }
    kept = {"PATH": "/bin", "HOME": "/h", "MLP_SANDBOX_DELAY_S": "0"}
    seen = environment.hermetic({**own, **kept}, home=tmp_path / "home", state=tmp_path / "state")
    assert not set(own.values()) & set(seen.values())
    assert kept.items() <= seen.items()
    assert seen["PULUMI_BACKEND_URL"] == (tmp_path / "state").as_uri()
    assert seen["PULUMI_HOME"] == str(tmp_path / "home")
    for variable in ("AWS_CONFIG_FILE", "CLOUDSDK_CONFIG", "AZURE_CONFIG_DIR"):
        assert seen[variable].startswith(str(tmp_path / "home"))


def test_loopback_traffic_stays_off_a_proxy() -> None:
    assert environment.past_proxies({"PATH": "/bin"}) == {}
    seen = environment.past_proxies({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "corp"})
    assert seen == {"NO_PROXY": "corp,127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}


def test_the_account_of_the_stack_becomes_the_sandboxs() -> None:
    chosen = identity.settings("aws", {"account_id": "210987654321", "region": "eu-west-1"}, {})
    assert identity.environ("aws", chosen) == {
        "MLP_SANDBOX_AWS_ACCOUNT_ID": "210987654321",
        "MLP_SANDBOX_AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "MLPSANDBOX210987654321",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    assert identity.public("aws", chosen) == {
        "access_key_id": "MLPSANDBOX210987654321",
        "region": "eu-west-1",
    }


def test_a_variable_of_the_environment_wins_over_the_stack() -> None:
    chosen = identity.settings(
        "aws", {"account_id": "210987654321"}, {"MLP_SANDBOX_AWS_ACCOUNT_ID": "999999999999"}
    )
    assert identity.public("aws", chosen) == {"access_key_id": "MLPSANDBOX999999999999"}


def test_nonsense_in_the_variable_is_refused_and_in_the_stack_left_to_the_spec() -> None:
    with pytest.raises(identity.IdentityError, match="allowed: 12 digits"):
        identity.settings("aws", {}, {"MLP_SANDBOX_AWS_ACCOUNT_ID": "12"})
    assert identity.settings("aws", {"account_id": 12}, {}) == {}
    assert identity.settings("aws", {"account_id": "12"}, {}) == {}


@pytest.mark.parametrize(
    ("cloud", "config", "public"),
    [
        ("gcp", {"project": "p", "region": "r"}, {"project": "p", "location": "r"}),
        (
            "azure",
            {"subscription_id": "s", "location": "l"},
            {"subscription_id": "s", "location": "l"},
        ),
    ],
)
def test_projects_and_subscriptions_are_told_by_the_clients_names(
    cloud: str, config: dict[str, str], public: dict[str, str]
) -> None:
    assert identity.public(cloud, identity.settings(cloud, config, {})) == public


def test_the_callers_flags_come_last_and_policies_only_where_the_engine_takes_them() -> None:
    def line(*arguments: str) -> list[str]:
        return command.pulumi(
            Path("pulumi"),
            arguments,
            stack="dev",
            config=Path("c"),
            policy_pack=Path("policies"),
            terminal=True,
        )

    assert " ".join(line("preview", "--diff")) == (
        "pulumi preview --stack dev --config-file c --skip-plugin-pre-install "
        "--policy-pack policies --diff"
    )
    unprotect = line("state", "unprotect", "--all")
    assert " ".join(unprotect) == "pulumi state unprotect --stack dev --all"
    assert "--policy-pack" not in line("destroy")
    assert "--yes" in line("destroy")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: x\nruntime: nodejs\n", "got 'nodejs', allowed: python"),
        ("runtime: python\n", "no name"),
        ("a: [", "not YAML"),
    ],
)
def test_a_project_that_cannot_run_is_refused_by_file(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "Pulumi.yaml").write_text(text)
    with pytest.raises(project.ProjectError, match=f"Pulumi.yaml.*{said}"):
        project.find(tmp_path)


def test_a_project_is_found_from_a_folder_below_it(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text(
        "name: x\nruntime: {name: python, options: {virtualenv: v}}\n"
        "stackConfigDir: stacks\nconfig: {a: {type: integer}, 'y:b': {type: object}}\n"
    )
    (tmp_path / "below").mkdir()
    found = project.find(tmp_path / "below")
    assert found.root == tmp_path.resolve()
    assert found.runtime_options == {"virtualenv": "v"}
    assert found.stack_folder == tmp_path.resolve() / "stacks"
    assert found.config_types == {"x:a": "integer", "y:b": "object"}

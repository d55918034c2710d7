"""Flat programs, one a cloud: with `head` unset as it is, with `head` set everything dangerous."""

import json

import pulumi

config = pulumi.Config()
cloud = config.require("cloud")
head = config.get_bool("head") or False
Protected = pulumi.ResourceOptions(protect=not head)


def aws() -> None:
    import pulumi_aws as aws

    keys = [aws.kms.Key(f"key{n}", description="data", deletion_window_in_days=7) for n in (1, 2)]
    bucket = aws.s3.Bucket("data", bucket="dangers-data")
    aws.s3.Bucket("moved", bucket="dangers-new" if head else "dangers-old")
    if not head:
        aws.s3.Bucket("gone", bucket="dangers-gone")
    aws.s3.Bucket("kept", bucket="dangers-kept", opts=Protected)
    aws.s3.BucketPublicAccessBlock(
        "private",
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=not head,
        ignore_public_acls=True,
        restrict_public_buckets=not head,
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        "encryption",
        bucket=bucket.bucket,
        rules=[
            {
                "apply_server_side_encryption_by_default": {
                    "sse_algorithm": "aws:kms",
                    "kms_master_key_id": keys[int(head)].arn,
                }
            }
        ],
    )
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}}
    role = aws.iam.Role(
        "runner",
        name="dangers-runner",
        assume_role_policy=json.dumps(
            {"Version": "2012-10-17", "Statement": [{**trust, "Action": "sts:AssumeRole"}]}
        ),
    )
    actions = ["s3:GetObject", *(["s3:DeleteObject", "s3:PutObject"] if head else [])]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "arn:aws:s3:::dangers-data/*"}
    aws.iam.RolePolicy(
        "may",
        name="may",
        role=role.name,
        policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    if not head:
        aws.sagemaker.NotebookInstance(
            "notebook", name="dangers", role_arn=role.arn, instance_type="ml.g4dn.xlarge"
        )
    model = aws.sagemaker.Model(
        "model",
        name="dangers",
        execution_role_arn=role.arn,
        primary_container={"image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/x:1"},
    )
    for name, there in (("fraud", True), ("churn", not head)):
        if not there:
            continue
        variant = aws.sagemaker.EndpointConfigurationProductionVariantArgs(
            variant_name="primary",
            model_name=model.name,
            instance_type="ml.m5.xlarge" if head else "ml.m5.large",
            initial_instance_count=1,
        )
        made = aws.sagemaker.EndpointConfiguration(name, production_variants=[variant])
        endpoint = aws.sagemaker.Endpoint(name, name=name, endpoint_config_name=made.name)
        aws.appautoscaling.Target(
            name,
            service_namespace="sagemaker",
            scalable_dimension="sagemaker:variant:DesiredInstanceCount",
            resource_id=f"endpoint/{name}/variant/primary",
            min_capacity=1,
            max_capacity=8 if head else 5,
            opts=pulumi.ResourceOptions(depends_on=[endpoint]),
        )


def gcp() -> None:
    import pulumi_gcp as gcp

    place = {"project": "ml-dev", "location": "us-central1"}
    ring = gcp.kms.KeyRing("ring", name="dangers", **place)
    keys = [
        gcp.kms.CryptoKey(f"key{n}", name=f"key{n}", key_ring=ring.id, rotation_period="7776000s")
        for n in (1, 2)
    ]
    asked = gcp.storage.get_project_service_account(project="ml-dev")
    agent = f"serviceAccount:{asked.email_address}"
    uses = [
        gcp.kms.CryptoKeyIAMMember(
            f"use{n}",
            crypto_key_id=key.id,
            role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
            member=agent,
        )
        for n, key in enumerate(keys)
    ]
    data = gcp.storage.Bucket(
        "data",
        name="dangers-data",
        project="ml-dev",
        location="US-CENTRAL1",
        uniform_bucket_level_access=True,
        public_access_prevention="inherited" if head else "enforced",
        versioning={"enabled": not head},
        encryption={"default_kms_key_name": keys[int(head)].id},
        opts=pulumi.ResourceOptions(depends_on=uses, protect=not head),
    )
    if not head:
        gcp.storage.Bucket(
            "gone",
            name="dangers-gone",
            project="ml-dev",
            location="US-CENTRAL1",
            uniform_bucket_level_access=True,
        )
        gcp.vertex.AiEndpoint(
            "churn", name="churn", display_name="churn", project="ml-dev", location="us-central1"
        )
        gcp.workbench.Instance(
            "notebook", name="dangers", project="ml-dev", location="us-central1-a"
        )
    runner = gcp.serviceaccount.Account("runner", account_id="runner", project="ml-dev")
    gcp.storage.BucketIAMMember(
        "may",
        bucket=data.name,
        role="roles/storage.objectAdmin" if head else "roles/storage.objectViewer",
        member=runner.email.apply("serviceAccount:{}".format),
    )
    gcp.container.NodePool(
        "pool",
        name="pool",
        cluster="dangers",
        **place,
        autoscaling={"min_node_count": 1, "max_node_count": 8 if head else 5},
        node_config={"machine_type": "n1-standard-8" if head else "n1-standard-4"},
    )


def azure() -> None:
    from pulumi_azure_native import (
        applicationinsights,
        authorization,
        containerservice,
        keyvault,
        operationalinsights,
        resources,
        storage,
    )
    from pulumi_azure_native import machinelearningservices as ml

    subscription = "00000000-0000-0000-0000-000000000001"
    group = resources.ResourceGroup("group", resource_group_name="dangers", location="westeurope")
    place = {"resource_group_name": group.name, "location": "westeurope"}
    vault = {
        "tenant_id": "00000000-0000-0000-0000-0000000000aa",
        "sku": {"family": "A", "name": "standard"},
        "enable_rbac_authorization": True,
        "enable_soft_delete": True,
    }
    if not head:
        keyvault.Vault("gone", vault_name="dangers-gone", properties=vault, **place)
    account = storage.StorageAccount(
        "data",
        account_name="dangersdata",
        kind="StorageV2",
        sku={"name": "Standard_LRS"},
        allow_blob_public_access=head,
        enable_https_traffic_only=not head,
        encryption={
            "key_source": "Microsoft.Keyvault" if head else "Microsoft.Storage",
            **(
                {}
                if not head
                else {
                    "key_vault_properties": {
                        "key_name": "key",
                        "key_vault_uri": "https://dangers.vault.azure.net",
                    }
                }
            ),
        },
        **place,
    )
    if head:
        authorization.RoleAssignment(
            "may",
            role_assignment_name="73f17a51-9360-53be-987f-787722273ae3",
            principal_id="5bdcba0c-dcbe-436a-9499-1c93f84b4fde",
            principal_type="ServicePrincipal",
            role_definition_id=f"/subscriptions/{subscription}/providers/Microsoft.Authorization"
            "/roleDefinitions/ba92f5b4-2d11-453d-a403-e96b0029c9fe",
            scope=account.id,
        )
    kept = keyvault.Vault("kept", vault_name="dangers-kept", properties=vault, **place)
    logs = operationalinsights.Workspace("logs", workspace_name="dangers-logs", **place)
    insights = applicationinsights.Component(
        "insights",
        resource_name_="dangers",
        kind="web",
        application_type="web",
        workspace_resource_id=logs.id,
        **place,
    )
    made = ml.Workspace(
        "workspace",
        key_vault=kept.id,
        application_insights=insights.id,
        workspace_name="dangers",
        identity={"type": "SystemAssigned"},
        storage_account=account.id,
        **place,
    )
    workspace = {"resource_group_name": group.name, "workspace_name": made.name}
    if not head:
        ml.OnlineEndpoint(
            "churn",
            endpoint_name="churn",
            location="westeurope",
            properties={"auth_mode": "AADToken"},
            **workspace,
        )
        ml.Compute(
            "cluster",
            compute_name="gpu",
            location="westeurope",
            properties={
                "compute_type": "AmlCompute",
                "properties": {
                    "vm_size": "Standard_NC4as_T4_v3",
                    "vm_priority": "Dedicated",
                    "scale_settings": {"min_node_count": 0, "max_node_count": 4},
                },
            },
            **workspace,
        )
    ml.Compute(
        "kept",
        compute_name="cpu",
        location="westeurope",
        properties={
            "compute_type": "AmlCompute",
            "properties": {
                "vm_size": "Standard_D2as_v4",
                "vm_priority": "Dedicated",
                "scale_settings": {"min_node_count": 0, "max_node_count": 8 if head else 4},
            },
        },
        **workspace,
    )
    containerservice.AgentPool(
        "pool",
        agent_pool_name="pool",
        resource_name_="dangers",
        resource_group_name=group.name,
        vm_size="Standard_D4as_v4" if head else "Standard_D2as_v4",
        enable_auto_scaling=True,
        min_count=1,
        max_count=5,
    )


{"aws": aws, "gcp": gcp, "azure": azure}[cloud]()

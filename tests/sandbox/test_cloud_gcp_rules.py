"""Rules that hold for every object of the local Vertex AI: pages, filters, masks, operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.longrunning import operations_pb2

from tests.sandbox.gcp_served import PARENT, PROJECT, Served, served
from tests.sandbox.test_cloud_gcp import IMAGE, client, deployed, upload


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("gcp")) as cloud:
        yield cloud


@pytest.fixture
def cloud(running: Served) -> Served:
    running.reset()
    return running


@pytest.fixture(scope="module")
def v1() -> Any:
    from google.cloud import aiplatform_v1

    return aiplatform_v1


@pytest.fixture
def endpoints(cloud: Served, v1: Any) -> Any:
    return client(cloud, v1.EndpointServiceClient)


def made(endpoints: Any, v1: Any, *names: str, **more: Any) -> list[str]:
    """Endpoints of these ids; their display names are the ids in capitals."""
    return [
        endpoints.create_endpoint(
            parent=PARENT,
            endpoint=v1.Endpoint(display_name=name.upper(), **more),
            endpoint_id=name,
        )
        .result()
        .name
        for name in names
    ]


def test_a_list_comes_in_pages_that_together_have_everything_once(endpoints: Any, v1: Any) -> None:
    made(endpoints, v1, *(f"e{n}" for n in range(7)))
    pager = endpoints.list_endpoints(request={"parent": PARENT, "page_size": 3})
    pages = [[one.display_name for one in page.endpoints] for page in pager.pages]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert sorted(name for page in pages for name in page) == [f"E{n}" for n in range(7)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('display_name="A"', {"A"}),
        ('display_name!="A"', {"B", "C"}),
        ("labels.team=blue", {"C"}),
        ("labels.team:*", {"C"}),
        ('labels.team=blue AND display_name="A"', set()),
    ],
)
def test_a_filter_chooses_by_name_and_label(
    endpoints: Any, v1: Any, text: str, found: set[str]
) -> None:
    made(endpoints, v1, "a", "b")
    made(endpoints, v1, "c", labels={"team": "blue"})
    listed = endpoints.list_endpoints(request={"parent": PARENT, "filter": text})
    assert {one.display_name for one in listed} == found


def test_a_filter_that_cannot_be_read_is_refused(endpoints: Any) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="Invalid filter"):
        endpoints.list_endpoints(request={"parent": PARENT, "filter": "the newest"})


def test_what_only_the_service_writes_is_never_taken_from_a_caller(
    cloud: Served, endpoints: Any, v1: Any
) -> None:
    body = {"displayName": "e", "createTime": "2001-01-01T00:00:00Z", "deployedModels": [{}]}
    status, _ = cloud.rest("POST", f"/v1/{PARENT}/endpoints?endpointId=e", body)
    assert status == 200
    found = endpoints.get_endpoint(name=f"{PARENT}/endpoints/e")
    assert found.create_time.year > 2001
    assert list(found.deployed_models) == []
    target = v1.Endpoint(name=found.name, display_name="e")
    with pytest.raises(exceptions.InvalidArgument, match="output only"):
        endpoints.update_endpoint(endpoint=target, update_mask={"paths": ["create_time"]})


def test_a_mask_changes_its_fields_alone_and_a_wrong_or_missing_one_is_refused(
    endpoints: Any, v1: Any
) -> None:
    (name,) = made(endpoints, v1, "e", description="old", labels={"a": "b"})
    target = v1.Endpoint(name=name, display_name="new", description="new")
    endpoints.update_endpoint(endpoint=target, update_mask={"paths": ["description"]})
    found = endpoints.get_endpoint(name=name)
    assert (found.display_name, found.description, dict(found.labels)) == ("E", "new", {"a": "b"})
    endpoints.update_endpoint(endpoint=target, update_mask={"paths": ["labels"]})
    assert dict(endpoints.get_endpoint(name=name).labels) == {}, "in the mask and not given: gone"
    with pytest.raises(exceptions.InvalidArgument, match="Invalid field in update_mask"):
        endpoints.update_endpoint(endpoint=target, update_mask={"paths": ["descripton"]})
    with pytest.raises(exceptions.InvalidArgument, match="update_mask is required"):
        endpoints.update_endpoint(endpoint=target, update_mask={"paths": []})


def test_an_operation_is_listed_waited_for_and_deleted(
    cloud: Served, endpoints: Any, v1: Any
) -> None:
    answer = endpoints.create_endpoint(
        parent=PARENT, endpoint=v1.Endpoint(display_name="e"), endpoint_id="e"
    )
    name = answer.operation.name
    assert name.startswith(f"{PARENT}/endpoints/e/operations/")
    listed = endpoints.list_operations(
        request=operations_pb2.ListOperationsRequest(name=f"{PARENT}/endpoints/e")
    )
    assert [one.name for one in listed.operations] == [name]
    status, waited = cloud.rest("POST", f"/v1/{name}:wait", {})
    assert (status, waited["done"]) == (200, True)
    status, again = cloud.rest("GET", f"/v1/{name}")
    assert (status, again["response"]["name"]) == (200, f"{PARENT}/endpoints/e")
    assert cloud.rest("DELETE", f"/v1/{name}")[0] == 200
    assert cloud.rest("GET", f"/v1/{PARENT}/endpoints/e/operations/1")[0] == 404


def test_a_cancelled_operation_ends_without_an_effect(
    tmp_path_factory: pytest.TempPathFactory, v1: Any
) -> None:
    with served(tmp_path_factory.mktemp("slow"), delay_s=5.0) as slow:
        models = client(slow, v1.ModelServiceClient)
        model = v1.Model(display_name="m", container_spec=v1.ModelContainerSpec(image_uri=IMAGE))
        request = {"parent": PARENT, "model": model, "model_id": "m"}
        name = models.upload_model(request=request).operation.name
        assert not models.get_operation({"name": name}).done
        models.cancel_operation({"name": name})
        ended = models.get_operation({"name": name})
        assert (ended.done, ended.error.code) == (True, 1)
        with pytest.raises(exceptions.NotFound):
            models.get_model(name=f"{PARENT}/models/m")


def test_both_versions_and_both_ways_of_calling_show_one_object(
    cloud: Served, endpoints: Any, v1: Any
) -> None:
    from google.cloud import aiplatform_v1beta1

    model = upload(client(cloud, v1.ModelServiceClient), v1)
    (name,) = made(endpoints, v1, "e")
    endpoints.deploy_model(
        endpoint=name, deployed_model=deployed(v1, model, id="1"), traffic_split={"0": 100}
    ).result()
    beta = client(cloud, aiplatform_v1beta1.EndpointServiceClient).get_endpoint(name=name)
    _, plain = cloud.rest("GET", f"/v1/{name}")
    assert [d.id for d in beta.deployed_models] == ["1"]
    assert plain["trafficSplit"] == {"1": 100}
    assert plain["deployedModels"][0]["dedicatedResources"]["minReplicaCount"] == 1


def test_a_field_that_no_message_has_and_a_path_that_is_none_are_refused(cloud: Served) -> None:
    status, answer = cloud.rest("POST", f"/v1/{PARENT}/endpoints", {"displayNam": "e"})
    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert "displayNam" in answer["error"]["message"]
    nowhere = "/v1/projects/ml-test/endpoints"
    assert cloud.rest("GET", nowhere)[0] == 404


def test_objects_with_something_below_go_only_by_force(cloud: Served, v1: Any) -> None:
    admin = client(cloud, v1.FeatureOnlineStoreAdminServiceClient)
    store = v1.FeatureOnlineStore(optimized=v1.FeatureOnlineStore.Optimized())
    name = (
        admin.create_feature_online_store(
            parent=PARENT, feature_online_store=store, feature_online_store_id="s"
        )
        .result()
        .name
    )
    tables = f"/bigquery/v2/projects/{PROJECT}/datasets"
    dataset = {"datasetReference": {"projectId": PROJECT, "datasetId": "d"}}
    assert cloud.rest("POST", tables, dataset)[0] == 200
    table = {"tableReference": {"projectId": PROJECT, "datasetId": "d", "tableId": "t"}}
    assert cloud.rest("POST", f"{tables}/d/tables", table)[0] == 200
    uri = f"bq://{PROJECT}.d.t"
    source = v1.FeatureView.BigQuerySource(uri=uri, entity_id_columns=["id"])
    admin.create_feature_view(
        parent=name,
        feature_view=v1.FeatureView(big_query_source=source),
        feature_view_id="v",
    ).result()
    with pytest.raises(exceptions.FailedPrecondition, match="children"):
        admin.delete_feature_online_store(name=name).result()
    admin.delete_feature_online_store(request={"name": name, "force": True}).result()
    assert [line for line in cloud.resources() if "featureOnlineStores" in line] == []


def test_a_policy_is_read_changed_and_tested_by_its_etag(cloud: Served) -> None:
    path = f"/v1/projects/{PROJECT}"
    status, policy = cloud.rest("POST", f"{path}:getIamPolicy", {})
    assert status == 200
    stale = policy["etag"]
    role, member = "roles/logging.logWriter", "user:someone@example.com"
    changed = {**policy, "bindings": [{"role": role, "members": [member]}]}
    assert cloud.rest("POST", f"{path}:setIamPolicy", {"policy": changed})[0] == 200
    _, now = cloud.rest("POST", f"{path}:getIamPolicy", {})
    assert now["bindings"] == [{"role": role, "members": [member]}]
    late = {**changed, "etag": stale}
    assert cloud.rest("POST", f"{path}:setIamPolicy", {"policy": late})[0] == 409

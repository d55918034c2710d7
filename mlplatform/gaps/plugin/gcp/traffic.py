"""The steps that bring an endpoint from what it serves to what it shall serve.

New models are deployed beside the old ones without traffic; when all are up, one update moves the
split, or several where a rollout asks for steps; then what has no traffic any more is undeployed,
with the split given. So at every moment
the split adds up to 100 or is empty, and no model with traffic is ever undeployed. Steps that are
done already are skipped, so that a run after a kill at any point goes on where the last one ended.

A model that takes over from one of its name gets as many replicas as that one has, for it will
have its traffic. The only way to ask for them is the lower bound, which goes down to what is
declared once the traffic has moved; from there on it is autoscaling's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlplatform.gaps.plugin.gcp import rollout as rollouts
from mlplatform.gaps.plugin.gcp import shapes
from mlplatform.gaps.plugin.gcp.cloud import beta_types, types
from mlplatform.gaps.plugin.gcp.work import VertexError, Work
from mlplatform.provider.model import ProviderError

_CHANGED_TRIES = 5
"""How often a split is written anew when the endpoint changed between reading and writing."""


class Traffic:
    """One endpoint during one operation of the engine."""

    def __init__(self, work: Work, endpoint: str) -> None:
        self._work = work
        self._name = endpoint
        self._short = endpoint.rpartition("/")[2]
        self._beta = False

    @property
    def _client(self) -> Any:
        """The client of EndpointService; only v1beta1 knows of scaling to zero."""
        return self._work.cloud.client("EndpointServiceClient", beta=self._beta)

    @property
    def _library(self) -> Any:
        return beta_types() if self._beta else types()

    def endpoint(self) -> Any:
        """The endpoint as it is now; None when there is none."""
        try:
            found = self._work.call(
                f"endpoint {self._short}", self._client.get_endpoint, name=self._name
            )
        except VertexError as error:
            if error.code == "NOT_FOUND":
                return None
            raise
        lows = [
            d.dedicated_resources.min_replica_count
            for d in found.deployed_models
            if not d.shared_resources
        ]
        if not self._beta and not all(lows):
            self._beta = True  # v1 does not show how a model scales to zero
            return self.endpoint()
        return found

    def quiet(self) -> None:
        """Wait for operations that an interrupted run left under way."""
        self._work.quiet(self._client, self._name)

    def busy(self) -> bool:
        """Whether an operation works on the endpoint."""
        return self._work.busy(self._client, self._name)

    def converge(
        self,
        urn: str,
        wanted: Mapping[str, Mapping[str, Any]],
        rollout: rollouts.Rollout | None = None,
    ) -> dict[str, str]:
        """Deploy, adjust, move the traffic, undeploy; the ids by name."""
        self._beta = self._beta or any(one.get("scaleToZero") for one in wanted.values())
        ids: dict[str, str] = {}
        for name in sorted(wanted):
            ids[name] = self._present(urn, name, wanted[name])
        self._move({ids[name]: int(wanted[name]["traffic"]) for name in wanted}, ids, rollout)
        present = self._current().deployed_models
        names = {ident: name for name, ident in ids.items()}
        for deployed in present:
            if deployed.id in names:
                self._adjust(names[deployed.id], deployed, wanted[names[deployed.id]])
        for deployed in present:
            if deployed.id not in names:
                self._undeploy(deployed.id)
        return ids

    def empty(self) -> None:
        """Take all traffic away, then undeploy everything."""
        self._split({})
        for deployed in self._current().deployed_models:
            self._undeploy(deployed.id)

    def _current(self) -> Any:
        found = self.endpoint()
        if found is None:
            raise ProviderError(f"there is no endpoint {self._name}")
        return found

    def _present(self, urn: str, name: str, deployment: Mapping[str, Any]) -> str:
        """The id of a deployment that is up and strong enough for its traffic."""
        candidates = shapes.ids(urn, name, deployment)
        now = self._current()
        found = {d.id: d for d in now.deployed_models}
        for ident in candidates:
            if ident in found:
                # One without traffic may have just been made to take over: not weaker yet.
                if now.traffic_split.get(ident):
                    self._adjust(name, found[ident], deployment)
                return ident
        first = shapes.taking_over(now.deployed_models, name, deployment)
        for ident in candidates:
            if self._deploy(name, ident, first):
                return ident
        raise ProviderError(f"deployment {name}: Vertex AI refused every id for it")

    def _deploy(self, name: str, ident: str, deployment: Mapping[str, Any]) -> bool:
        """Deploy without traffic; False when Vertex AI does not want the id a second time."""
        client, what = self._client, f"deployment of {name}"
        message = shapes.message(self._library, name, ident, deployment)
        try:
            # Without a split in the request the endpoint's stays as it is.
            self._work.do(what, client.deploy_model, endpoint=self._name, deployed_model=message)
        except VertexError as error:
            if error.code == "ALREADY_EXISTS":
                # Unless a lost answer hid that this very call had worked.
                self.quiet()
                return any(d.id == ident for d in self._current().deployed_models)
            raise
        return True

    def _adjust(self, name: str, deployed: Any, deployment: Mapping[str, Any]) -> None:
        """Change bounds and targets in place; live replica counts follow by themselves."""
        mask = shapes.mutations(deployed, deployment)
        if mask:
            self._work.do(
                f"change of {name}",
                self._client.mutate_deployed_model,
                endpoint=self._name,
                deployed_model=shapes.message(self._library, name, deployed.id, deployment),
                update_mask={"paths": mask},
            )

    def _move(
        self, wanted: dict[str, int], ids: Mapping[str, str], rollout: rollouts.Rollout | None
    ) -> None:
        """Bring the traffic to where it shall be, in the steps of the rollout."""
        endpoint = self._current()
        now = dict(endpoint.traffic_split)
        going = {d.display_name for d in endpoint.deployed_models if d.id not in wanted}
        entering = [ident for name, ident in ids.items() if name in going]
        *steps, last = rollouts.splits(now, wanted, rollout, entering)
        for number, step in enumerate(steps, start=1):
            self._split(step)
            what = f"step {number} of {len(steps) + 1} of the rollout on {self._short}"
            self._work.ctx.status(f"{what} is watched")
            self._work.pause(what, rollout.wait_s if rollout else 0)
        self._split(last)

    def _split(self, wanted: dict[str, int]) -> None:
        """Write the whole split in one call, against the endpoint that was read."""
        for attempt in range(_CHANGED_TRIES):
            now = self._current()
            if dict(now.traffic_split) == wanted:
                return
            target = self._library.Endpoint(name=self._name, traffic_split=wanted, etag=now.etag)
            try:
                self._work.call(
                    f"traffic split of {self._short}",
                    self._client.update_endpoint,
                    etag=True,
                    endpoint=target,
                    update_mask={"paths": ["traffic_split"]},
                )
            except VertexError as error:
                # Someone changed the endpoint in between: read again, then decide again.
                if error.code != "ABORTED" or attempt == _CHANGED_TRIES - 1:
                    raise
            else:
                return

    def _undeploy(self, ident: str) -> None:
        """Remove a model that has no traffic; the split goes with the call, so it cannot move."""
        split = dict(self._current().traffic_split)
        if split.pop(ident, 0):
            raise ProviderError(f"deployed model {ident} got traffic again; it stays")
        request: dict[str, Any] = {"endpoint": self._name, "deployed_model_id": ident}
        if split:
            request["traffic_split"] = split
        try:
            self._work.do(
                f"removal of deployed model {ident}",
                self._client.undeploy_model,
                **request,
            )
        except VertexError as error:
            if error.code != "NOT_FOUND":
                raise

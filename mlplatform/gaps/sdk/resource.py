"""What every mlgap resource class has: arguments by name, outputs, and reading what exists."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import (
    Any,
    ClassVar,
    Generic,
    Self,
    TypeVar,
    cast,
    overload,
)

import pulumi

from mlplatform.gaps.sdk.options import with_version

Message = pulumi.Input[Mapping[str, Any]]
"""An object of the cloud's API, with camelCase names."""
Labels = pulumi.Input[Mapping[str, pulumi.Input[str]]]
"""Labels or tags."""

T = TypeVar("T")


class Shown(Generic[T]):
    """An output of a resource: ``deployment_id = Shown[str]()`` shows ``deploymentId``."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.wire_name = camel(name)

    @overload
    def __get__(self, resource: None, owner: type) -> Self: ...

    @overload
    def __get__(self, resource: pulumi.Resource, owner: type) -> pulumi.Output[T]: ...

    def __get__(self, resource: pulumi.Resource | None, owner: type) -> Self | pulumi.Output[T]:
        if resource is None:
            return self
        return cast("pulumi.Output[T]", pulumi.get(resource, self.wire_name))


class GapResource(pulumi.CustomResource):
    """A resource of the provider mlgap. A subclass is one type.

    Its arguments are a TypedDict, ``ARGS``, whose needed keys are marked ``Required``; mypy checks
    them where a program calls the class, and the class checks them again, since a program need not
    be checked by mypy.

    Raises:
        TypeError: a needed argument is missing, and the resource is not only read.
    """

    TOKEN: ClassVar[str]
    """The type, ``mlgap:<cloud>:<Noun>``."""
    ARGS: ClassVar[type]
    """Its module must not postpone annotations, or Python does not see which are ``Required``."""
    NAMES: ClassVar[Mapping[str, str]] = {}
    """Argument -> property, where it is not the same name in camelCase."""

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Any
    ) -> None:
        missing = [name for name in self._needed() if args.get(name) is None]
        existing = opts is not None and (opts.id is not None or opts.urn is not None)
        if missing and not existing:
            raise TypeError(f"{self.TOKEN} {resource_name!r} needs {' and '.join(missing)}")
        # Pulumi resolves an output only where it stands among the properties; None is not sent.
        properties = {**dict.fromkeys(self._shown()), **self._properties(args)}
        super().__init__(self.TOKEN, resource_name, properties, with_version(opts))

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in every Pulumi resource class
        opts: pulumi.ResourceOptions | None = None,
    ) -> Self:
        """Read the existing resource with the import id ``id``, without owning it."""
        return cls(resource_name, pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id)))

    @classmethod
    def _needed(cls) -> list[str]:
        required: frozenset[str] = cls.ARGS.__required_keys__  # type: ignore[attr-defined]
        return [name for name in cls.ARGS.__annotations__ if name in required]

    @classmethod
    def _properties(cls, args: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as the engine takes them: camelCase from here on, in and out."""
        return {cls.NAMES.get(name, camel(name)): value for name, value in args.items()}

    @classmethod
    def _shown(cls) -> list[str]:
        members = (value for base in cls.__mro__ for value in vars(base).values())
        return [member.wire_name for member in members if isinstance(member, Shown)]


def camel(name: str) -> str:
    """``min_up_s`` -> ``minUpS``."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def message(args: Any) -> dict[str, Any]:
    """The fields of a dataclass with camelCase names; None is left out."""
    fields = {field.name: getattr(args, field.name) for field in dataclasses.fields(args)}
    return {
        camel(name): message(value) if dataclasses.is_dataclass(value) else value
        for name, value in fields.items()
        if value is not None
    }

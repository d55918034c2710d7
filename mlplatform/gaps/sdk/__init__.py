"""Typed resource classes of mlgap: ``Provider`` here, the resources in one package per cloud."""

from mlplatform.gaps.sdk.provider import AwsConfig, AzureConfig, Provider

__all__ = ["AwsConfig", "AzureConfig", "Provider"]

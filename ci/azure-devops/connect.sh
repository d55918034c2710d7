#!/usr/bin/env bash
# Sourced in an AzureCLI@2 task with addSpnToEnvironment: one token of the service connection is
# good for all three clouds, which each trust its issuer. There are no stored keys.
set -euo pipefail
umask 077
folder=$(mktemp -d)
printf %s "$idToken" > "$folder/token"
export ARM_USE_OIDC=true ARM_OIDC_TOKEN="$idToken"
export ARM_CLIENT_ID="$servicePrincipalId" ARM_TENANT_ID="$tenantId"
export AZURE_CLIENT_ID="$servicePrincipalId" AZURE_TENANT_ID="$tenantId"
export AZURE_FEDERATED_TOKEN_FILE="$folder/token"
export AWS_WEB_IDENTITY_TOKEN_FILE="$folder/token" AWS_ROLE_SESSION_NAME="azure-devops-$BUILD_BUILDID"
python ci/google_credentials.py "$folder/token" > "$folder/google.json"
export GOOGLE_APPLICATION_CREDENTIALS="$folder/google.json"
curl -fsSL https://get.pulumi.com | sh -s -- --version "$PULUMI_VERSION"
export PATH="$HOME/.pulumi/bin:$PATH"
pulumi install
pulumi stack select "$STACK"

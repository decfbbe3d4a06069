#!/usr/bin/env bash
# Brings a build what it needs beyond its image: the packages that package-lock.json names, and the Pulumi CLI. Prints progress.
#
# SAFE_DEPLOY_NODE_MODULES: a folder with a package-lock.json and its node_modules, as a build image of one's own may bring it. Where the
#   lock is the same, they are used.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# As in packages/pulumi-engine/pulumi-cli.ts.
PULUMI_VERSION=3.259.0

brought=${SAFE_DEPLOY_NODE_MODULES:-}
if [ -n "$brought" ] && cmp -s "$brought/package-lock.json" package-lock.json; then
  echo "packages: those of the build image"
  ln -sfn "$brought/node_modules" node_modules
else
  echo "packages: npm ci"
  npm ci --ignore-scripts --no-audit --no-fund
fi

if command -v pulumi >/dev/null; then
  echo "Pulumi: $(pulumi version) of the build image"
else
  echo "Pulumi: installing $PULUMI_VERSION"
  curl -fsSL https://get.pulumi.com | sh -s -- --version "$PULUMI_VERSION" >/dev/null
fi

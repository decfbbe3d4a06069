#!/usr/bin/env bash
# Brings a build what it needs beyond its image: the packages that package-lock.json names, and the Pulumi CLI. Prints progress.
#
# SAFE_DEPLOY_NODE_MODULES: a folder with a package-lock.json and its node_modules, as a build image of one's own may bring it. Where the
#   lock is the same, they are used.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The Pulumi CLI of all builds. A new version needs its checksums: https://get.pulumi.com/releases/sdk/pulumi-<version>-checksums.txt
PULUMI_VERSION=3.255.0
PULUMI_SHA256_X64=cf559568e2c32f7fae56ea3de8ae5fa48973ba8c5aa9dd2b3dc0c8898fe50dba
PULUMI_SHA256_ARM64=699fbc6ea848d997e9b3645487f108d27b1b55ec807c7576406131e6e080f0e3

# Puts the CLI into ~/.pulumi/bin. What can deploy to production runs nothing that was downloaded and is not what it was when the version
# was chosen.
install_pulumi() {
  local platform sha256 archive
  case "$(uname -m)" in
    x86_64) platform=linux-x64 sha256=$PULUMI_SHA256_X64 ;;
    aarch64) platform=linux-arm64 sha256=$PULUMI_SHA256_ARM64 ;;
    *) echo "Pulumi: no checksum for $(uname -m); use a build image that brings pulumi" >&2 && return 1 ;;
  esac
  archive=$(mktemp)
  curl -fsSL --retry 3 -o "$archive" "https://get.pulumi.com/releases/sdk/pulumi-v$PULUMI_VERSION-$platform.tar.gz"
  if ! echo "$sha256  $archive" | sha256sum --check --status; then
    echo "Pulumi: the archive of $PULUMI_VERSION for $platform is not the one that pipeline/install.sh knows by its SHA-256" >&2
    return 1
  fi
  mkdir -p "$HOME/.pulumi/bin"
  tar -xzf "$archive" -C "$HOME/.pulumi/bin" --strip-components=1
  rm -f "$archive"
}

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
  install_pulumi
fi

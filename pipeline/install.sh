#!/usr/bin/env bash
# Brings a build what it needs beyond its image: the packages that package-lock.json names, the Pulumi CLI, and its plugin for AWS. Prints
# progress.
#
# STACK: set where the build deploys. Then the plugin must be the one that the previews ran, by the note out/plugins.lock of stage Build.
# SAFE_DEPLOY_NODE_MODULES: a folder with a package-lock.json and its node_modules, as a build image of one's own may bring it. Where the
#   lock is the same, they are used.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The Pulumi CLI of all builds, and of whatever runs here without one: packages/pulumi-engine has the same version, which a test sees to.
# A new version needs its checksums: https://get.pulumi.com/releases/sdk/pulumi-<version>-checksums.txt
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
  export PATH="$HOME/.pulumi/bin:$PATH"
  tar -xzf "$archive" -C "$HOME/.pulumi/bin" --strip-components=1
  rm -f "$archive"
}

# Installs the plugin that belongs to the package @pulumi/aws. Which archive that is is noted in out/plugins.lock, as sha256sum writes it, and
# goes to the deployments with the tree. A file plugins.lock in the tree's root, in the same form, says for all releases which it must be.
install_plugin() {
  local version=$1 name sha256 known archive
  name="pulumi-resource-aws-v$version-linux-$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/').tar.gz"
  archive=$(mktemp)
  curl -fsSL --retry 3 -o "$archive" "https://get.pulumi.com/releases/plugins/$name"
  sha256=$(sha256sum "$archive" | cut -d ' ' -f 1)
  if [ -n "${STACK:-}" ] && [ ! -e out/plugins.lock ]; then
    echo "plugin: stage Build has not noted in out/plugins.lock which one its previews ran" >&2 && return 1
  fi
  for lock in plugins.lock out/plugins.lock; do
    known=$(grep -hsF "  $name" "$lock" | cut -d ' ' -f 1 || true)
    if [ -e "$lock" ] && [ "$known" != "$sha256" ]; then
      echo "plugin: $name has SHA-256 $sha256, and $lock says ${known:-nothing of it}" >&2 && return 1
    fi
  done
  mkdir -p out
  echo "$sha256  $name" >out/plugins.lock
  pulumi plugin install resource aws "$version" --file "$archive"
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

plugin=$(node -p 'require("@pulumi/aws/package.json").version')
if [ -d "${PULUMI_HOME:-$HOME/.pulumi}/plugins/resource-aws-v$plugin" ]; then
  echo "plugin: aws $plugin of the build image"
else
  echo "plugin: installing aws $plugin"
  install_plugin "$plugin"
fi

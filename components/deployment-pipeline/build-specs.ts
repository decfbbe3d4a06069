/**
 * What the builds do. A build spec is part of its project, and so of the pipeline as it was deployed: a commit changes what its own programs
 * do, and not when they run, what is passed on or what is exported.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
 */

/** Brings what is needed beyond the image. The first line is where the installer puts the Pulumi CLI. */
const INSTALL = `  install:
    runtime-versions:
      nodejs: 22
    commands:
      - export PATH="$HOME/.pulumi/bin:$PATH"
      - bash pipeline/install.sh`;

/**
 * Stage Build: checks a release, bundles its code and previews what it would change in train, dev and prod. What is deployed is this tree:
 * code, bundles, settings, and in `out/` the previews and their plans.
 */
export const BUILD_SPEC = `version: 0.2
env:
  exported-variables:
    - PREVIEW_SUMMARY
phases:
${INSTALL}
  build:
    commands:
      - npm run --silent build -- --programs
      - node dist/pipeline/build.js
      - export PREVIEW_SUMMARY="$(cat out/exported/PREVIEW_SUMMARY)"
artifacts:
  files:
    - "**/*"
  exclude-paths:
    - node_modules
    - node_modules/**/*
    - .git/**/*
    - .types/**/*
`;

/** Stages Train, DeployDev and DeployProd: deploys stack `$STACK` as it was previewed. Only training leaves variables. */
export const DEPLOY_SPEC = `version: 0.2
env:
  exported-variables:
    - MODEL_METRICS
    - MODEL_ARCHIVE
    - MODEL_BASELINE
phases:
${INSTALL}
  build:
    commands:
      - node dist/pipeline/deploy.js
      - export MODEL_METRICS="$(cat out/exported/MODEL_METRICS 2>/dev/null || true)"
      - export MODEL_ARCHIVE="$(cat out/exported/MODEL_ARCHIVE 2>/dev/null || true)"
      - export MODEL_BASELINE="$(cat out/exported/MODEL_BASELINE 2>/dev/null || true)"
`;

/** Checks the code of a pull request and previews what it would change. Leaves nothing but its log. */
export const PULL_REQUEST_SPEC = `version: 0.2
phases:
${INSTALL}
  build:
    commands:
      - npm run --silent build -- --programs
      - node dist/pipeline/build.js --pull-request
`;

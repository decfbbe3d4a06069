import { createHash } from "node:crypto";
import type { BuildArtifacts } from "@aws-sdk/client-codebuild";
import type { S3Client } from "@aws-sdk/client-s3";
import { expanded, packArtifact } from "./artifacts";
import type { ArtifactTarget, Build } from "./build";
import type { ArtifactSpec, Buildspec } from "./buildspec";
import type { ContainerLog } from "./container-log";
import { BuildFailure } from "./failure";
import { objectArn, upload } from "./objects";
import type { BuildShell } from "./shell";

/** What a build's commands work with once its source is there. */
export interface Workshop {
  readonly spec: Buildspec;
  readonly sourceDirectory: string;
  readonly shell: BuildShell;
  readonly s3: S3Client;
}

/**
 * Puts a build's artifacts where they belong.
 *
 * @throws BuildFailure `CLIENT_ERROR` if the buildspec has none or no file matches
 */
export async function uploadArtifacts(build: Build, workshop: Workshop, log: ContainerLog): Promise<void> {
  const { artifact, secondaryArtifacts } = build.order;
  const { spec } = workshop;
  if (artifact !== undefined) {
    build.uploaded = await uploadArtifact(build, workshop, log, artifact, spec.artifact);
  }
  for (const target of secondaryArtifacts) {
    const artifactIdentifier = target.identifier ?? "";
    const uploaded = await uploadArtifact(build, workshop, log, target, spec.secondaryArtifacts[artifactIdentifier]);
    build.secondaryUploaded.push({ ...uploaded, artifactIdentifier });
  }
}

async function uploadArtifact(
  build: Build,
  workshop: Workshop,
  log: ContainerLog,
  target: ArtifactTarget,
  spec: ArtifactSpec | undefined,
): Promise<BuildArtifacts> {
  if (spec === undefined) {
    const what = target.isSecondary ? `secondary-artifacts.${target.identifier ?? ""}` : "artifacts";
    throw new BuildFailure("CLIENT_ERROR", `no matching artifact paths found: the buildspec has no ${what}`);
  }
  log.say(`Expanding base directory path: ${spec.baseDirectory}`);
  const environment = await workshop.shell.environment();
  spec.files.forEach((files) => log.say(`Expanding ${files}`));
  const { zip, files } = await packArtifact(spec, workshop.sourceDirectory, environment);
  log.say(`Found ${files} file(s)`);
  const { bucket, key } = target.object;
  const ownName = spec.name !== undefined && target.overrideName ? expanded(spec.name, environment) : undefined;
  const object = { bucket, key: ownName === undefined ? key : key.replace(/[^/]*$/, () => ownName) };
  await upload(workshop.s3, object, zip, target.encrypted ? build.order.project.encryptionKey : undefined);
  return {
    location: objectArn(object),
    sha256sum: createHash("sha256").update(zip).digest("hex"),
    md5sum: createHash("md5").update(zip).digest("hex"),
    encryptionDisabled: !target.encrypted,
  };
}

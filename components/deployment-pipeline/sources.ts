import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../service-role";
import type { ArtifactStore } from "./artifact-store";
import { RELEASE_DATA, SOURCE_CODE, type Arns } from "./names";

/** A repository that AWS reaches by a CodeConnections connection: GitHub, GitLab, Bitbucket. */
export interface ConnectedRepository {
  readonly type: "connection";
  /** ARN of the connection. It is made once, by hand, since somebody must agree to it at the repository's host. */
  readonly connectionArn: string;
  /** Such as `owner/name`. */
  readonly repository: string;
  /** Branch whose commits start the pipeline. */
  readonly branch: string;
}

/** A CodeCommit repository of the same account. */
export interface CodeCommitRepository {
  readonly type: "codecommit";
  /** Name of the repository. */
  readonly repository: string;
  /** Branch whose commits start the pipeline. */
  readonly branch: string;
}

/** Where the source is. */
export type Repository = ConnectedRepository | CodeCommitRepository;

/** One action of a stage, as CodePipeline describes it. */
export interface Action {
  readonly name: string;
  readonly category: "Source" | "Build" | "Approval";
  readonly owner: "AWS";
  readonly provider: string;
  readonly version: "1";
  readonly runOrder?: number;
  readonly namespace?: string;
  readonly inputArtifacts?: readonly string[];
  readonly outputArtifacts?: readonly string[];
  readonly timeoutInMinutes?: number;
  readonly configuration: Readonly<Record<string, pulumi.Input<string>>>;
}

/** Name of the action that takes the code. */
export const CODE_ACTION = "Code";
/** Name of the action that takes the data. */
export const DATA_ACTION = "Data";
/** Variables that later actions may use: `#{Code.CommitId}`, `#{Data.VersionId}`. */
const CODE_NAMESPACE = "Code";
const DATA_NAMESPACE = "Data";

/** The action that takes the code. https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html */
export function codeAction(repository: Repository): Action {
  const common = {
    name: CODE_ACTION,
    category: "Source",
    owner: "AWS",
    version: "1",
    runOrder: 1,
    namespace: CODE_NAMESPACE,
    outputArtifacts: [SOURCE_CODE],
  } as const;
  return repository.type === "connection"
    ? {
        ...common,
        provider: "CodeStarSourceConnection",
        configuration: {
          ConnectionArn: repository.connectionArn,
          FullRepositoryId: repository.repository,
          BranchName: repository.branch,
          // The pipeline's own trigger starts it, since only that one can filter.
          DetectChanges: "false",
        },
      }
    : {
        ...common,
        provider: "CodeCommit",
        configuration: {
          RepositoryName: repository.repository,
          BranchName: repository.branch,
          PollForSourceChanges: "false",
        },
      };
}

/** The action that takes `data-source.zip`. https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html */
export function dataAction(store: ArtifactStore, dataKey: string): Action {
  return {
    name: DATA_ACTION,
    category: "Source",
    owner: "AWS",
    provider: "S3",
    version: "1",
    runOrder: 1,
    namespace: DATA_NAMESPACE,
    outputArtifacts: [RELEASE_DATA],
    configuration: { S3Bucket: store.bucketName, S3ObjectKey: dataKey, PollForSourceChanges: "false" },
  };
}

/** What a pipeline's role needs to take the code. */
export function readCode(repository: Repository, arns: Arns): Statement[] {
  if (repository.type === "connection") {
    // IAM knows the service by two names. The connection's ARN shows which one applies.
    const service = repository.connectionArn.split(":")[2] ?? "codeconnections";
    return [{ Action: `${service}:UseConnection`, Resource: repository.connectionArn }];
  }
  const actions = ["GetBranch", "GetCommit", "GetRepository", "UploadArchive", "GetUploadArchiveStatus"];
  return [
    {
      Action: [...actions, "CancelUploadArchive"].map((action) => `codecommit:${action}`),
      Resource: arns.of("codecommit", repository.repository),
    },
  ];
}

/** What a pipeline's role needs to take `data-source.zip`, in addition to what its artifacts need. */
export function readData(store: ArtifactStore, dataKey: string): Statement[] {
  return [
    {
      Action: ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging", "s3:GetObjectVersionTagging"],
      Resource: pulumi.interpolate`${store.bucketArn}/${dataKey}`,
    },
    { Action: "s3:ListBucket", Resource: store.bucketArn },
  ];
}

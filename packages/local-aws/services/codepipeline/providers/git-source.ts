import { S3Client } from "@aws-sdk/client-s3";
import { messageOf } from "../../../core/failure";
import { clientConfig, type Permission } from "../../../core/local";
import { ActionFailure, callFailure } from "../failure";
import { GitRepository, type Commit } from "../git";
import { putArtifact } from "./artifact-store";
import { note, type ActionWork } from "./provider";

/** Source by a connection to GitHub and the like. The local repository is taken for whichever it names. */
export async function connectionSource(work: ActionWork): Promise<Record<string, string>> {
  const { ConnectionArn: connection = "", FullRepositoryId: repository = "" } = work.configuration;
  await authorize(work, { action: `${connectionService(connection)}:UseConnection`, resource: connection });
  const { commit, branch } = await takeCommit(work, (found) => ({
    summary: JSON.stringify({ ProviderType: "GitHub", CommitMessage: found.message }),
    url: `https://${work.local.account.region}.console.aws.amazon.com/codesuite/settings/connections/redirect?connectionArn=${connection}&referenceType=COMMIT&FullRepositoryId=${repository}&Commit=${found.id}`,
  }));
  return {
    AuthorDate: commit.authorDate,
    AuthorDisplayName: commit.authorName,
    AuthorEmail: commit.authorEmail,
    BranchName: branch,
    CommitId: commit.id,
    CommitMessage: commit.message,
    ConnectionArn: connection,
    FullRepositoryName: repository,
    ProviderType: "GitHub",
  };
}

/** Source by CodeCommit. The local repository is taken for whichever it names. */
export async function codeCommitSource(work: ActionWork): Promise<Record<string, string>> {
  const { RepositoryName: repository = "" } = work.configuration;
  const { account } = work.local;
  const resource = `arn:aws:codecommit:${account.region}:${account.accountId}:${repository}`;
  for (const action of ["GetBranch", "GetCommit", "UploadArchive", "GetUploadArchiveStatus"]) {
    await authorize(work, { action: `codecommit:${action}`, resource });
  }
  const { commit, branch } = await takeCommit(work, (found) => ({
    summary: found.message,
    url: `https://console.aws.amazon.com/codecommit/home?region=${account.region}#/repository/${repository}/commit/${found.id}`,
  }));
  return {
    AuthorDate: commit.authorDate,
    BranchName: branch,
    CommitId: commit.id,
    CommitMessage: commit.message,
    CommitterDate: commit.committerDate,
    RepositoryName: repository,
  };
}

/** IAM knows the service by two names. The connection's ARN shows which one applies. */
const connectionService = (connectionArn: string) => connectionArn.split(":")[2] ?? "codestar-connections";

async function authorize({ local, session }: ActionWork, permission: Permission): Promise<void> {
  try {
    await local.sessions.authorize(session, permission);
  } catch (error) {
    throw new ActionFailure("PermissionError", `Unable to use the source: ${messageOf(error)}`);
  }
}

async function takeCommit(
  work: ActionWork,
  told: (commit: Commit) => { readonly summary: string; readonly url: string },
) {
  const { local, run, configuration } = work;
  const { order } = run.execution;
  const actionName = run.action.name ?? "";
  if (local.repository === undefined) {
    throw new ActionFailure("ConfigurationError", "This local AWS was started without a git repository");
  }
  const git = new GitRepository(local.repository);
  const branch = order.branches?.[actionName] ?? configuration.BranchName ?? "";
  const override = order.sourceRevisions.find((one) => one.actionName === actionName);
  let commit: Commit;
  let zip: Uint8Array;
  try {
    commit = await git.commit(override?.revisionValue ?? `refs/heads/${branch}`);
    zip = await git.archive(commit.id);
  } catch (error) {
    throw new ActionFailure("JobFailed", `Branch ${branch} could not be read from the repository: ${messageOf(error)}`);
  }
  const revision = { actionName, revisionId: commit.id, created: new Date(commit.committerDate), ...told(commit) };
  const [output] = work.outputs;
  run.revision = { ...revision, artifactName: output?.name };
  run.execution.took(run.revision);
  note(work, { summary: revision.summary });
  const s3 = new S3Client(clientConfig(local, work.session));
  try {
    await putArtifact(s3, work.store, output ?? {}, zip);
  } catch (error) {
    throw callFailure("The source could not be stored", error);
  } finally {
    s3.destroy();
  }
  return { commit, branch };
}

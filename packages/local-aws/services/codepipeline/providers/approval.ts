import { randomUUID } from "node:crypto";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { clientConfig } from "../../../core/local";
import { pause, unlessAborted } from "../../../core/waiting";
import { ActionFailure, callFailure } from "../failure";
import { note, type ActionWork, type Provider } from "./provider";

/** Seven days. */
const DEFAULT_TIMEOUT_MINUTES = 10_080;

/** What somebody decided about an approval. */
export interface Verdict {
  readonly approved: boolean;
  readonly summary: string;
  readonly by: string;
}

/** The approvals that wait for their verdict, by token. */
export class Approvals {
  private readonly waiting = new Map<string, (verdict: Verdict) => void>();

  /** An approval by hand: it waits until somebody decides or its time is over. */
  readonly provider: Provider = async (work) => {
    const { run, configuration } = work;
    const minutes = run.action.timeoutInMinutes ?? DEFAULT_TIMEOUT_MINUTES;
    const token = randomUUID();
    const verdict = new Promise<Verdict>((decide) => this.waiting.set(token, decide));
    try {
      if (configuration.NotificationArn !== undefined) {
        await notify(work, configuration.NotificationArn, token, minutes);
      }
      note(work, { token });
      const decided = await decision(verdict, work, minutes);
      note(work, { summary: decided.summary });
      run.lastUpdatedBy = decided.by;
      run.output = { ...run.output, executionResult: { externalExecutionSummary: decided.summary } };
      if (!decided.approved) {
        throw new ActionFailure("JobFailed", `Rejected by ${decided.by}: ${decided.summary}`);
      }
      return {};
    } finally {
      this.waiting.delete(token);
      note(work, { token: undefined });
    }
  };

  /** Returns whether there was an approval of that token to decide about. */
  decide(token: string, verdict: Verdict): boolean {
    const decide = this.waiting.get(token);
    this.waiting.delete(token);
    decide?.(verdict);
    return decide !== undefined;
  }
}

async function decision(verdict: Promise<Verdict>, { local, signal }: ActionWork, minutes: number): Promise<Verdict> {
  const decided = new AbortController();
  const timeout = pause(local.clock, minutes * 60, AbortSignal.any([signal, decided.signal])).then(() => undefined);
  try {
    const given = await unlessAborted(Promise.race([verdict, timeout]), signal);
    if (given === undefined) {
      throw new ActionFailure("JobFailed", `The approval was not given within ${minutes} minutes`);
    }
    return given;
  } finally {
    // Ends the waiting that lost the race, whose rejection then concerns nobody.
    timeout.catch(() => undefined);
    decided.abort(new Error("decided"));
  }
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals-json-format.html */
async function notify(work: ActionWork, topicArn: string, token: string, minutes: number): Promise<void> {
  const { run, local, configuration } = work;
  const { pipelineName } = run.execution;
  const actionName = run.action.name ?? "";
  const { region } = local.account;
  const consoleLink = `https://console.aws.amazon.com/codepipeline/home?region=${region}#/view/${pipelineName}`;
  const expires = new Date(local.clock.now().getTime() + local.clock.real(minutes * 60_000)).toISOString();
  const message = {
    region,
    consoleLink,
    approval: {
      pipelineName,
      stageName: run.stageName,
      actionName,
      token,
      expires: `${expires.slice(0, 16)}Z`,
      externalEntityLink: configuration.ExternalEntityLink ?? null,
      approvalReviewLink: `${consoleLink}/${run.stageName}/${actionName}/approve/${token}`,
      customData: configuration.CustomData ?? null,
    },
  };
  const sns = new SNSClient(clientConfig(local, work.session));
  const subject = `APPROVAL NEEDED: AWS CodePipeline ${pipelineName} for action ${actionName}`;
  try {
    await sns.send(
      new PublishCommand({ TopicArn: topicArn, Subject: subject.slice(0, 100), Message: JSON.stringify(message) }),
    );
  } catch (error) {
    throw callFailure(`The notification could not be sent to ${topicArn}`, error);
  } finally {
    sns.destroy();
  }
}

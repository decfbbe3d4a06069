import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { explained } from "../../../lib/errors";
import { caller, clientSettings, passes, type Caller } from "../support/aws";
import { isKnown } from "../support/inputs";
import type { Kept } from "../support/keeping";
import type { Waiter } from "../support/waiter";
import { directions, flip, isShifting, named, type AliasState, type BlueGreen, type FunctionVersion } from "./alias";
import { settledRelease, type Attempt, type Before } from "./attempt";
import type { Deployment } from "./deployments";
import type { Hooks } from "./hooks";
import type { LambdaRolloutInputs } from "./inputs";

/**
 * What a rollout is going to do, in a few short lines: what serves, what comes, how fast, and what would stop it. Inputs may be unknown in
 * a preview.
 *
 * @param before Empty if nothing serves yet.
 */
export function forecast(inputs: LambdaRolloutInputs, before: Before): string[] {
  const { release, preTrafficHook, hookAnswer } = inputs;
  const approved =
    preTrafficHook === undefined || hookAnswer === "none" ? "" : `, once hook ${said(preTrafficHook)} approves`;
  if (before.liveRelease === undefined) {
    return [`plan: release ${said(release)} is the first one: it goes live at once${approved}`];
  }
  const since = before.liveSince === undefined || before.liveSince === "" ? "" : `, live since ${before.liveSince}`;
  const blue = `release ${before.liveRelease} (version ${before.liveVersion ?? "?"}${since})`;
  if (inputs.standbyReleases.includes(release)) {
    return [
      `plan: release ${said(release)}, whose endpoint is in service, replaces ${blue}: the alias is flipped to it ${inputs.emergency ? "at once" : "as soon as it has its instances"}${approved}`,
    ];
  }
  return [
    `plan: release ${said(release)} replaces ${blue}`,
    `plan: traffic: ${said(inputs.trafficShift)}; then the old release stays for a bake of ${said(inputs.bakeSeconds)} s`,
    `plan: what stops it: ${stoppers(inputs, before.liveRelease).join("; ") || "nothing but an operator"}`,
    ...evidence(inputs),
    ...(inputs.emergency
      ? ["plan: EMERGENCY: alarms that are in ALARM when it starts do not stop it, and are not watched"]
      : []),
  ];
}

function stoppers(inputs: LambdaRolloutInputs, blue: string): string[] {
  const { alarmNames, preTrafficHook, postTrafficHook, latencyTimesBlue, refusalsPercentAboveBlue, probe } = inputs;
  return [
    isKnown(alarmNames) ? alarmNames.map((name) => `alarm ${name}`) : ["alarms whose names are not known yet"],
    preTrafficHook === undefined ? [] : [`hook ${said(preTrafficHook)} before the traffic`],
    postTrafficHook === undefined ? [] : [`hook ${said(postTrafficHook)} after it`],
    probe?.event === undefined ? [] : ["a probe that gets no good answer"],
    latencyTimesBlue === undefined ? [] : [`a p99 above ${said(latencyTimesBlue)} times that of release ${blue}`],
    refusalsPercentAboveBlue === undefined ? [] : [`more refusals of callers' rows than release ${blue}`],
  ].flat();
}

function evidence({ probe, minimumRequests, undecidedSeconds }: LambdaRolloutInputs): string[] {
  const probes =
    probe === undefined
      ? "no probes of our own"
      : isKnown(probe)
        ? `${probe.perSecond} probes a second of our own`
        : "probes of our own";
  const needed =
    minimumRequests === 0
      ? "no requests are needed for a verdict"
      : `${said(minimumRequests)} requests are needed for a verdict, for which it bakes up to ${said(undecidedSeconds)} s longer`;
  return [`plan: ${needed}; ${probes}`];
}

/** A value, which may be unknown in a preview. */
function said(value: string | number): string {
  return isKnown(value) ? String(value) : "(not known yet)";
}

/** CodeDeploy's error code for a deployment that was told to stop. An event that was going on then has not failed by itself. */
const STOPPED_BY_REQUEST = "MANUAL_STOP";
const STOPPED_BY_ALARM = "ALARM_ACTIVE";

/** Everything that can be found out about why a deployment failed, one line each, including what cannot be read. */
export async function reasons(attempt: Attempt, hooks: Hooks, deployment: Deployment): Promise<string[]> {
  const { failureCode } = deployment;
  const alarms = await alarmsOf(attempt, deployment);
  if (failureCode === STOPPED_BY_REQUEST) {
    return [...alarms, "an operator, or another program, has asked CodeDeploy to stop it"];
  }
  return failureCode === STOPPED_BY_ALARM ? alarms : [...alarms, ...(await hooks.failedEvents(deployment))];
}

/** The rollout's and the deployment group's alarms that are in ALARM, or were since the deployment began. */
async function alarmsOf({ inputs, deployments, judges }: Attempt, deployment: Deployment): Promise<string[]> {
  try {
    return await judges.firingOrFired(deployment, await deployments.alarmNames());
  } catch (error) {
    const why = explained(error).message;
    return [`the alarms of deployment group ${inputs.deploymentGroupName} could not be read (${why})`];
  }
}

/** Makes sure that all traffic is on blue, and returns the error that says why it is not on green. */
export async function goneBack(
  attempt: Attempt,
  { blue, green }: BlueGreen,
  headline: string,
  why: readonly string[],
): Promise<Error> {
  const { inputs, tell } = attempt;
  const lines = [...why];
  try {
    await flip(inputs, green, blue, tell);
    attempt.wentBack = new Date();
  } catch (error) {
    lines.push(
      `the traffic could not be sent back to ${named(blue)} (${explained(error).message}): ${flipCommand(inputs, blue)}`,
    );
  }
  return notLive(inputs.release, headline, lines);
}

/** The error that a release is not live, and why. */
export function notLive(release: string, headline: string, lines: readonly string[]): Error {
  return new Error([`release ${release} is not live: ${headline}`, ...lines.map((line) => `  ${line}`)].join("\n"));
}

/** The command with which a person does the same. */
function flipCommand({ functionName, aliasName, region }: LambdaRolloutInputs, { version }: FunctionVersion): string {
  return (
    `aws lambda update-alias --function-name ${functionName} --name ${aliasName} --function-version ${version} ` +
    `--routing-config AdditionalVersionWeights={} --region ${region}`
  );
}

/** The alias, and the version that it points to. */
export interface Truth {
  readonly alias: AliasState;
  readonly live: FunctionVersion;
}

/** What the alias serves, whoever moved it there; `undefined` without an alias. */
export async function truth({ alias: ofRollout }: Attempt): Promise<Truth | undefined> {
  const alias = await ofRollout.read();
  return alias && { alias, live: await ofRollout.version(alias.version) };
}

/**
 * The situation after a failure, for the state and for the person who reads the error: how the new release did, what serves now and since
 * when, and how to go back.
 */
export async function afterFailure(attempt: Attempt): Promise<Kept> {
  const { judges, deployment } = attempt;
  const properties = attempt.failedOutputs();
  await judges.end();
  const requests = deployment === undefined ? [] : [await judges.requestsInWords(deployment)];
  const note = (...lines: readonly string[]) => [...requests, ...lines].join("\n");
  try {
    const found = await truth(attempt);
    if (found === undefined) {
      return { properties, note: note("Nothing serves: the alias is gone") };
    }
    const { alias, live } = found;
    const now = { aliasArn: alias.arn, liveRelease: live.release, liveVersion: live.version };
    const since = attempt.liveSince(live);
    return {
      properties: { ...properties, ...now, liveSince: since },
      note: note(
        `Live now: ${named(live)}${since === "" ? "" : `, since ${since}`}${isShifting(alias) ? `; the alias ${directions(alias)}` : ""}`,
        ...goingBack(attempt, live),
      ),
    };
  } catch (error) {
    return { properties, note: note(`What is live now could not be read (${explained(error).message})`) };
  }
}

function goingBack({ inputs, before }: Attempt, live: FunctionVersion): string[] {
  const { release } = inputs;
  const command = (to: string) => goBackCommand(inputs, to);
  if (live.release !== release) {
    return [`To go back to it: ${command(live.release)}`];
  }
  const settled = settledRelease(before);
  return settled === undefined || settled === release ? [] : [`To go back to release ${settled}: ${command(settled)}`];
}

function goBackCommand({ kind, releaseFrom }: LambdaRolloutInputs, release: string): string {
  if (kind === "api") {
    return `pulumi config set release ${release} && pulumi up`;
  }
  return releaseFrom === "version"
    ? `pulumi up with functionVersion "${release}"`
    : `pulumi up with release "${release}" and its functionVersion`;
}

/** SNS takes subjects of less than 100 characters. */
const MAX_SUBJECT = 99;

/** Seconds for a message. A rollout must not wait long for a topic. */
const ATTEMPTS = 3;
const PAUSE_SECONDS = 0.5;
const ATTEMPT_MILLISECONDS = 10_000;

/** Sends messages about a rollout to its topic, if there is one. */
export class Notifications {
  private readonly sns: Caller<SNSClient>;

  /** @param tell Gets a line if a message could not be sent. */
  constructor(
    private readonly inputs: Pick<LambdaRolloutInputs, "region" | "notificationTopicArn">,
    private readonly waiter: Waiter,
    private readonly tell: (line: string) => void,
  ) {
    this.sns = caller(() => new SNSClient(clientSettings(inputs.region)));
  }

  /**
   * Sends a message with the attribute `event`, by which subscriptions can filter. Never fails: if the topic cannot be reached in a few
   * seconds, it tells so.
   *
   * @param subject It is cut to what SNS accepts: one line of fewer than 100 ASCII characters.
   */
  async send(
    event: "started" | "succeeded" | "failed" | "rolled-back",
    subject: string,
    message: string,
  ): Promise<void> {
    const { notificationTopicArn: TopicArn } = this.inputs;
    if (TopicArn === undefined) {
      return;
    }
    const command = new PublishCommand({
      TopicArn,
      Subject: asSubject(subject),
      Message: message,
      MessageAttributes: { event: { DataType: "String", StringValue: event } },
    });
    for (let attempt = 1; ; attempt++) {
      try {
        await this.sns((client) => client.send(command, { abortSignal: AbortSignal.timeout(ATTEMPT_MILLISECONDS) }));
        return;
      } catch (error) {
        if (attempt === ATTEMPTS || !passes(error)) {
          this.tell(`the message "${event}" could not be sent to ${TopicArn} (${explained(error).message})`);
          return;
        }
      }
      await this.waiter.wait(PAUSE_SECONDS);
    }
  }
}

function asSubject(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[^\x20-\x7e]/g, "?")
    .trim()
    .slice(0, MAX_SUBJECT);
}

import { isKnown } from "../run/inputs";
import type { Before } from "./record";
import type { LambdaRolloutInputs } from "./rollout-inputs";

/**
 * What a rollout is going to do, a few short lines: what serves, what comes, how fast, and what would stop it. In a preview inputs
 * may be unknown.
 *
 * @param before Empty where nothing serves yet.
 */
export function plan(inputs: LambdaRolloutInputs, before: Before): string[] {
  const { release, preTrafficHook } = inputs;
  const approved = preTrafficHook === undefined ? "" : `, once hook ${said(preTrafficHook)} approves`;
  if (before.liveRelease === undefined) {
    return [`plan: release ${said(release)} is the first one: it goes live at once${approved}`];
  }
  const since = before.liveSince === undefined || before.liveSince === "" ? "" : `, live since ${before.liveSince}`;
  const blue = `release ${before.liveRelease} (version ${before.liveVersion ?? "?"}${since})`;
  if (inputs.standbyReleases.includes(release)) {
    return [
      `plan: release ${said(release)}, whose endpoint is in service, comes in place of ${blue}: the alias is flipped to it at once${approved}`,
    ];
  }
  return [
    `plan: release ${said(release)} comes in place of ${blue}`,
    `plan: traffic: ${said(inputs.trafficShift)}; then the old release stays for a bake of ${said(inputs.bakeSeconds)} s`,
    `plan: what stops it: ${stoppers(inputs, before.liveRelease).join("; ") || "nothing but an operator"}`,
    ...evidence(inputs),
    ...(inputs.emergency
      ? ["plan: EMERGENCY: alarms that are in ALARM when it starts do not stop it, and are not watched"]
      : []),
  ];
}

function stoppers(inputs: LambdaRolloutInputs, blue: string): string[] {
  const { alarmNames, preTrafficHook, postTrafficHook, latencyTimesBlue } = inputs;
  return [
    isKnown(alarmNames) ? alarmNames.map((name) => `alarm ${name}`) : ["alarms whose names are not known yet"],
    preTrafficHook === undefined ? [] : [`hook ${said(preTrafficHook)} before the traffic`],
    postTrafficHook === undefined ? [] : [`hook ${said(postTrafficHook)} after it`],
    latencyTimesBlue === undefined ? [] : [`a p99 above ${said(latencyTimesBlue)} times that of release ${blue}`],
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

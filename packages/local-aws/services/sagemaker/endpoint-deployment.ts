import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Context } from "./context";
import { DataCapture } from "./data-capture";
import type { EndpointConfig, VariantConfig } from "./endpoint-config";
import type { Endpoint, Fleet, Variant } from "./endpoint";
import { failureReason, RunFailure } from "./errors";
import type { ExecutionRole } from "./execution-role";
import type { Model } from "./model";
import { modelNamed, modelRole, noAccess } from "./models";
import { isDenied } from "./object-store";
import { RunStopped } from "../../core/run-control";
import { forgetScaledConfig, scaledConfig } from "./scaled-config";
import { ServingContainer } from "./serving-container";
import type { ShiftPlan } from "./shift-plan";
import { shiftTraffic } from "./traffic-shift";
import { VolumeGrant } from "./volume-grant";

/** AWS seconds that each takes on AWS, where the real work here is not slower. */
const CREATING_SECONDS = 240;
const UPDATING_SECONDS = 300;
const SCALING_SECONDS = 180;
const DELETING_SECONDS = 30;

/** What an update keeps of the running variants instead of the new config's initial values. */
export interface Retained {
  readonly weights: boolean;
  readonly instanceCounts: boolean;
}

/** First deployment of an endpoint. Never rejects: how it ended is in the endpoint. */
export async function createFleet(context: Context, endpoint: Endpoint, config: EndpointConfig): Promise<void> {
  await intoService(endpoint, "Failed", async () => {
    const fleet = await deployed(context, endpoint, config, CREATING_SECONDS, NOTHING_RETAINED);
    endpoint.volumeGrant = await volumeGrant(context, fleet);
    endpoint.fleet = fleet;
  });
}

async function volumeGrant({ local }: Context, { config, variants: [first] }: Fleet): Promise<VolumeGrant | undefined> {
  const { KmsKeyId = "" } = config.input;
  return KmsKeyId === "" || first === undefined ? undefined : VolumeGrant.make(local, KmsKeyId, first.role);
}

/**
 * Replaces an endpoint's fleet: the old one serves until the new one is healthy and has got the traffic as planned, and goes on serving
 * where it never is or an alarm takes it back. As on AWS the endpoint is `InService` either way, and only its config's name and
 * `FailureReason` tell that nothing has changed.
 */
export async function replaceFleet(
  context: Context,
  endpoint: Endpoint,
  config: EndpointConfig,
  retained: Retained,
  plan: ShiftPlan,
): Promise<void> {
  const old = endpoint.fleet;
  await intoService(endpoint, "InService", async () => {
    const green = await deployed(context, endpoint, config, UPDATING_SECONDS, retained);
    try {
      await shiftTraffic(context, endpoint, green, { ...plan, startSeconds: UPDATING_SECONDS });
    } catch (error) {
      await stopFleet(green);
      throw error;
    }
    endpoint.fleet = green;
    endpoint.shift = undefined;
    forgetScaledConfig(context, old);
    await endpoint.control.pause(plan.terminationSeconds);
  });
  if (old !== undefined && old !== endpoint.fleet) {
    await stopFleet(old);
  }
}

/** Brings weights and instance counts to what is desired. The endpoint then has a configuration of SageMaker's own, which says so. */
export async function scaleFleet(context: Context, endpoint: Endpoint): Promise<void> {
  await intoService(endpoint, "InService", async () => {
    await endpoint.control.pause(SCALING_SECONDS);
    const { fleet } = endpoint;
    for (const { weight, instances } of fleet?.variants ?? []) {
      weight.current = weight.desired;
      instances.current = instances.desired;
    }
    endpoint.fleet = fleet && { ...fleet, config: scaledConfig(context, fleet) };
  });
}

/** Ends an endpoint; `gone` is called when it is no longer there. What AWS tidies up afterwards is tidied up after that. */
export async function deleteFleet(context: Context, endpoint: Endpoint, gone: () => void): Promise<void> {
  const stopping = endpoint.fleet === undefined ? Promise.resolve() : stopFleet(endpoint.fleet);
  try {
    await endpoint.control.pauseWith(DELETING_SECONDS, stopping);
    forgetScaledConfig(context, endpoint.fleet);
    gone();
  } catch (error) {
    failUnlessClosing(endpoint, "Failed", error);
    return;
  }
  await endpoint.volumeGrant?.retire(endpoint.control).catch(unlessStopped);
}

function unlessStopped(error: unknown): void {
  if (!(error instanceof RunStopped)) {
    throw error;
  }
}

/** Ends a fleet's containers and writes what they have captured. */
export async function stopFleet({ variants, capture }: Fleet): Promise<void> {
  await Promise.all(variants.map((variant) => variant.container.stop()));
  await capture?.close();
  variants.forEach((variant) => variant.role.close());
}

/** Puts an endpoint in service once `work` is done, or says why it could not be. */
async function intoService(endpoint: Endpoint, onFailure: "Failed" | "InService", work: () => Promise<void>) {
  try {
    await work();
    endpoint.failureReason = undefined;
    endpoint.enter("InService");
  } catch (error) {
    failUnlessClosing(endpoint, onFailure, error);
  }
}

function failUnlessClosing(endpoint: Endpoint, status: "Failed" | "InService", error: unknown): void {
  if (!(error instanceof RunStopped)) {
    endpoint.failureReason = failureReason(error);
    endpoint.enter(status);
  }
}

/**
 * A fleet that is healthy and for which AWS's time has passed; both are waited for, so that a failure too comes when
 * AWS tells it.
 */
async function deployed(
  context: Context,
  endpoint: Endpoint,
  config: EndpointConfig,
  seconds: number,
  retained: Retained,
): Promise<Fleet> {
  const starting = startFleet(context, endpoint, config, retained);
  try {
    return await endpoint.control.pauseWith(seconds, starting);
  } catch (error) {
    // Where the wait was stopped, the fleet may have come up all the same.
    await starting.then(stopFleet, () => undefined);
    throw error;
  }
}

async function startFleet(
  context: Context,
  endpoint: Endpoint,
  config: EndpointConfig,
  retained: Retained,
): Promise<Fleet> {
  const starts = await Promise.allSettled(
    config.variants.map((variant) => startVariant(context, endpoint, { config, variant, retained })),
  );
  const variants = starts.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []));
  const failed = starts.find((start) => start.status === "rejected");
  if (failed !== undefined) {
    await stopFleet({ config, variants, capture: undefined });
    throw failed.reason;
  }
  return { config, variants, capture: captureOf(context, endpoint, config, variants) };
}

interface VariantStart {
  readonly config: EndpointConfig;
  readonly variant: VariantConfig;
  readonly retained: Retained;
}

async function startVariant(
  context: Context,
  endpoint: Endpoint,
  { config, variant, retained }: VariantStart,
): Promise<Variant> {
  const model = modelNamed(context, variant.ModelName);
  const role = await modelRole(context, model.roleArn);
  try {
    const container = await startContainer(context, endpoint, { config, variant, model, role });
    const running = runningVariant(endpoint, variant);
    const weight = (retained.weights ? running?.weight.desired : undefined) ?? variant.InitialVariantWeight;
    const count = instanceCount(endpoint, variant, retained);
    return {
      config: variant,
      image: model.container.Image,
      container,
      role,
      startedAt: new Date(),
      weight: { current: weight, desired: weight },
      instances: { current: count, desired: count },
    };
  } catch (error) {
    role.close();
    throw error;
  }
}

async function startContainer(
  context: Context,
  endpoint: Endpoint,
  {
    config,
    variant,
    model,
    role,
  }: Omit<VariantStart, "retained"> & { readonly model: Model; readonly role: ExecutionRole },
): Promise<ServingContainer> {
  const refusal =
    (await role.pullRefusal(model.container.Image)) ?? (await role.volumeKeyRefusal(config.input.KmsKeyId));
  if (refusal !== undefined) {
    throw new RunFailure(refusal);
  }
  const { logGroup, logStream } = endpointLogs(endpoint.name, variant.VariantName);
  const baseDir = join(context.local.scratchDir, "endpoints", endpoint.name, randomUUID());
  const onLine = await role.log(logGroup, logStream);
  const options = {
    of: `endpoint ${endpoint.name}`,
    ...{ model, role, baseDir, onLine, startupSeconds: variant.startupSeconds },
    neverHealthy:
      `The primary container for production variant ${variant.VariantName} did not pass the ping health check. Please check ` +
      "CloudWatch logs for this endpoint.",
    isUnhealthy: () => context.local.faults.containerUnhealthy(endpoint.name),
  };
  try {
    return await ServingContainer.start(context.local, options, endpoint.control);
  } catch (error) {
    throw isDenied(error) ? noAccess(context, role, model.container.ModelDataUrl ?? "", error) : error;
  }
}

/** How many instances a variant of a new fleet has. */
export function instanceCount(endpoint: Endpoint, config: VariantConfig, retained: Retained): number {
  const running = runningVariant(endpoint, config);
  return (retained.instanceCounts ? running?.instances.desired : undefined) ?? config.InitialInstanceCount;
}

function runningVariant({ fleet }: Endpoint, { VariantName }: VariantConfig): Variant | undefined {
  return fleet?.variants.find((variant) => variant.config.VariantName === VariantName);
}

/** The first variant's role writes what all have captured. */
function captureOf(
  context: Context,
  endpoint: Endpoint,
  config: EndpointConfig,
  [first]: readonly Variant[],
): DataCapture | undefined {
  const capture = config.input.DataCaptureConfig;
  if (capture?.EnableCapture !== true || first === undefined) {
    return undefined;
  }
  const { logGroup, logStream } = endpointLogs(endpoint.name, first.config.VariantName);
  return new DataCapture(endpoint.name, capture, first.role.objects, context.local.clock, (trouble) =>
    context.local.logs.write(logGroup, `${logStream}/data-log`, [trouble]),
  );
}

/**
 * https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html: `[variant]/[instance-id]`, here with an
 * instance made up once.
 */
function endpointLogs(endpointName: string, variantName: string) {
  const instance = randomUUID().replaceAll("-", "").slice(0, 17);
  return { logGroup: `/aws/sagemaker/Endpoints/${endpointName}`, logStream: `${variantName}/i-${instance}` };
}

export const NOTHING_RETAINED: Retained = { weights: false, instanceCounts: false };

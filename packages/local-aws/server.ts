/**
 * The local AWS: one process on 127.0.0.1 that speaks AWS's own wire protocols, so that every client is the real one. Each service
 * has a folder here; they import `core` and never one another, and nothing in `local/` knows of the stacks.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiGateway } from "./services/apigateway";
import { applicationAutoScaling } from "./services/autoscaling";
import { cloudWatch } from "./services/cloudwatch";
import { cloudWatchLogs } from "./services/cloudwatch/logs";
import { codeBuild } from "./services/codebuild";
import type { CodeBuildOptions } from "./services/codebuild/context";
import { codeDeploy } from "./services/codedeploy";
import { codePipeline } from "./services/codepipeline";
import { LOCAL_ACCOUNT, type Account } from "./core/account";
import { AwsError } from "./core/aws-error";
import { underTroubles } from "./core/aws-trouble";
import { Clock } from "./core/clock";
import { serviceModelConstraints } from "./core/constraints";
import { Faults } from "./core/faults";
import { httpServer, signedService, type HttpRequest, type HttpResponse, type Service } from "./core/http";
import { errorResponse } from "./core/json-rpc";
import { listen } from "./core/listen";
import { clientEnvironment, violationsOf, type Local } from "./core/local";
import { removeFolder } from "./core/remove-folder";
import { faultSwitchboard } from "./core/switchboard";
import { eventBridge, type EventBridge } from "./services/events";
import { iam, resourcePolicyAllows, type Authority, type Iam } from "./services/iam";
import { lambda } from "./services/lambda";
import { startMoto, type Moto } from "./moto";
import { withObjectEvents } from "./moto/object-events";
import { sageMaker } from "./services/sagemaker";

export interface LocalAwsOptions {
  /** Python with moto, XGBoost and scikit-learn. */
  readonly python: string;
  /** How many times faster than AWS durations pass. @default 60 */
  readonly speed?: number;
  /** @default 0, any free port */
  readonly port?: number;
  /** Path of the git repository that git sources mean. @default - git sources are refused */
  readonly repository?: string;
  /** What builds find in their environment, and how fast their time is over. @default - see there */
  readonly builds?: CodeBuildOptions;
  /** Whether functions act as their roles, whose policies are then heeded. @default false, as the account */
  readonly functionsUseRoles?: boolean;
}

/** A running local AWS. */
export interface LocalAws {
  /** Such as `http://127.0.0.1:41234`; what `AWS_ENDPOINT_URL` is to be set to. */
  readonly endpoint: string;
  readonly account: Account;
  readonly faults: Faults;
  /** Sessions of roles, and what of their roles' policies they have needed. */
  readonly sessions: Authority;
  /** Environment for any AWS client: endpoint, region, throw-away credentials. */
  readonly environment: Readonly<Record<string, string>>;
  /** Stops every process that was started and removes what was written. */
  close(): Promise<void>;
}

/** Starts the local AWS; it is ready when this resolves. Where it cannot be started nothing stays of it. */
export async function startLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  const scratchDir = await mkdtemp(join(tmpdir(), "sagemaker-safe-deploy-"));
  let moto: Moto | undefined;
  try {
    moto = await startMoto(options.python);
    return await openOn(moto, scratchDir, options);
  } catch (error) {
    await moto?.service.close?.();
    await removeFolder(scratchDir);
    throw error;
  }
}

async function openOn(moto: Moto, scratchDir: string, options: LocalAwsOptions): Promise<LocalAws> {
  const constraints = serviceModelConstraints(moto.serviceModelsDir);
  // Requests may come as soon as the port is open, and the services need to know the port.
  const ready: { services?: Services; access?: Iam } = {};
  const faults = new Faults();
  const server = httpServer(underTroubles(faults, (request) => answer(ready, request)));
  const endpoint = await listen(server, options.port ?? 0);
  const clock = new Clock(options.speed ?? 60);
  const bridge = eventBridge(clock, LOCAL_ACCOUNT);
  const access = iam({
    clock,
    account: LOCAL_ACCOUNT,
    records: moto.service,
    recordsEndpoint: moto.endpoint,
    serviceFor: (request) => ready.services && serviceFor(ready.services, request),
  });
  const { service: monitoring, metrics } = cloudWatch(
    clock,
    LOCAL_ACCOUNT,
    violationsOf({ constraints }, "cloudwatch"),
    bridge.events,
  );
  const logs = cloudWatchLogs({ metrics, forward: { endpoint: moto.endpoint, account: LOCAL_ACCOUNT } });
  const local: Local = {
    clock,
    account: LOCAL_ACCOUNT,
    endpoint,
    scratchDir,
    python: options.python,
    metrics,
    logs,
    faults,
    events: bridge.events,
    sessions: access.authority,
    repository: options.repository,
    functionsUseRoles: options.functionsUseRoles,
    constraints,
  };
  ready.access = access;
  ready.services = wire({ local, builds: options.builds, monitoring, moto: moto.service, bridge, access });
  const all = new Set<Service>(Object.values(ready.services));
  return {
    endpoint,
    account: LOCAL_ACCOUNT,
    faults,
    sessions: access.authority,
    environment: clientEnvironment(local),
    async close() {
      // Endpoints write their last captures to S3 when they stop, so the door and moto close after them.
      await Promise.all(
        [...all].filter((service) => service.close !== moto.service.close).map(async (service) => service.close?.()),
      );
      await logs.flush();
      clock.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      access.close();
      await moto.service.close?.();
      await removeFolder(scratchDir);
    },
  };
}

/** Services by the name that a request's signature gives, and those found by path. */
interface Services {
  readonly sagemaker: Service;
  readonly runtime: Service;
  readonly "application-autoscaling": Service;
  readonly lambda: Service;
  readonly apigateway: Service;
  readonly execute: Service;
  readonly codebuild: Service;
  readonly codedeploy: Service;
  readonly codepipeline: Service;
  readonly monitoring: Service;
  readonly events: Service;
  readonly iam: Service;
  readonly sts: Service;
  readonly switchboard: Service;
  readonly moto: Service;
}

/** What is there before the services that need a {@link Local}. */
interface Beginnings {
  readonly local: Local;
  readonly builds: CodeBuildOptions | undefined;
  readonly monitoring: Service;
  readonly moto: Service;
  readonly bridge: EventBridge;
  readonly access: Iam;
}

function wire({ local, builds, monitoring, moto, bridge, access }: Beginnings): Services {
  const { sagemaker, runtime, variants } = sageMaker(local);
  const { service: functions, invoker } = lambda(local);
  const { control, execute } = apiGateway(local, invoker);
  return {
    sagemaker,
    runtime,
    "application-autoscaling": applicationAutoScaling(local, variants),
    lambda: functions,
    apigateway: control,
    execute,
    codebuild: codeBuild(local, builds),
    codedeploy: codeDeploy(local),
    codepipeline: codePipeline(local),
    monitoring,
    events: bridge.service(local, resourcePolicyAllows(local.account)),
    iam: access.records,
    sts: access.sts,
    switchboard: faultSwitchboard(local.faults),
    moto: withObjectEvents(moto, local.account, local.events),
  };
}

async function answer(
  { services, access }: { readonly services?: Services; readonly access?: Iam },
  request: HttpRequest,
): Promise<HttpResponse> {
  const service = services === undefined ? undefined : serviceFor(services, request);
  if (service === undefined) {
    const error =
      services === undefined
        ? new AwsError("ServiceUnavailable", "the local AWS is still starting", 503)
        : new AwsError(
            "MissingAuthenticationToken",
            "the request is not signed: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            403,
          );
    return errorResponse(error, "application/json");
  }
  try {
    return (await access?.refusal(request)) ?? (await service.handle(request));
  } catch (error) {
    return errorResponse(error, "application/json");
  }
}

function serviceFor(services: Services, request: HttpRequest): Service | undefined {
  if (request.path.startsWith("/_aws/execute-api/")) {
    return services.execute;
  }
  if (request.path.startsWith("/_local/")) {
    return services.switchboard;
  }
  const name = signedService(request);
  switch (name) {
    case undefined:
      return undefined;
    case "sagemaker":
      return request.path.startsWith("/endpoints/") ? services.runtime : services.sagemaker;
    case "application-autoscaling":
    case "lambda":
    case "apigateway":
    case "codebuild":
    case "codedeploy":
    case "codepipeline":
    case "monitoring":
    case "events":
    case "iam":
    case "sts":
      return services[name];
    default:
      return services.moto;
  }
}

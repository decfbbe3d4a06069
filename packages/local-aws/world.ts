import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Account } from "./core/account";
import type { Clock } from "./core/clock";
import type { Constraints } from "./core/constraints";
import type { Faults } from "./core/faults";
import { signedService, type HttpRequest, type HttpResponse, type Service } from "./core/http";
import { errorResponse } from "./core/json-rpc";
import { violationsOf, type Local } from "./core/local";
import { Recipients } from "./core/recipients";
import type { ServiceModels } from "./core/service-models";
import type { Moto } from "./moto";
import { withObjectEvents } from "./moto/object-events";
import { apiGateway } from "./services/apigateway";
import { applicationAutoScaling } from "./services/autoscaling";
import { cloudWatch } from "./services/cloudwatch";
import { cloudWatchLogs } from "./services/cloudwatch/logs";
import { withEmbeddedMetrics } from "./services/cloudwatch/put-log-events";
import { codeBuild } from "./services/codebuild";
import type { CodeBuildOptions } from "./services/codebuild/context";
import { codeDeploy } from "./services/codedeploy";
import { codePipeline } from "./services/codepipeline";
import { eventBridge } from "./services/events";
import { resourcePolicyAllows, type Authority, type Iam } from "./services/iam";
import { lambda } from "./services/lambda";
import { sageMaker } from "./services/sagemaker";
import { serviceQuotas } from "./services/servicequotas";
import { synthetics } from "./services/synthetics";

/** What all worlds of one local AWS share. */
export interface Ground {
  readonly endpoint: string;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly moto: Moto;
  readonly iam: Iam;
  readonly constraints: Constraints;
  readonly models: ServiceModels;
  readonly scratchDir: string;
  readonly python: string;
  readonly repository?: string;
  readonly images?: Readonly<Record<string, string>>;
  readonly builds?: CodeBuildOptions;
  readonly functionsUseRoles?: boolean;
  readonly onContainerKilled: (what: string) => void;
}

/** One account in one region: services that see nothing of any other. */
export interface World {
  readonly account: Account;
  readonly authority: Authority;
  /** Answers a signed request, or a request to one of this world's APIs. */
  answer(request: HttpRequest): Promise<HttpResponse>;
  /** Whether this world has a REST API. */
  hasApi(apiId: string): boolean;
  /** Stops every timer and process of its services, after they have written their remaining data. */
  close(): Promise<void>;
}

/** @param regionName what AWS calls the region */
export function openWorld(ground: Ground, account: Account, regionName: string): World {
  const { clock, constraints, endpoint, moto } = ground;
  const scratchDir = join(ground.scratchDir, account.accountId, account.region);
  mkdirSync(scratchDir, { recursive: true });
  const records = moto.inAccount(account.accountId);
  const bridge = eventBridge(clock, account);
  const access = ground.iam.within({ account, records, serviceFor: (request) => chosen(services, request) });
  const allows = resourcePolicyAllows(account);
  const { service: monitoring, metrics } = cloudWatch(clock, account, {
    violations: violationsOf({ constraints }, "cloudwatch"),
    events: bridge.events,
    telling: { recipients: new Recipients({ account, endpoint }, allows), regionName },
  });
  const logs = cloudWatchLogs({ metrics, forward: { ...moto.reach, account } });
  const local: Local = {
    clock,
    account,
    endpoint,
    scratchDir,
    python: ground.python,
    metrics,
    logs,
    faults: ground.faults,
    events: bridge.events,
    sessions: access.authority,
    repository: ground.repository,
    images: ground.images,
    functionsUseRoles: ground.functionsUseRoles,
    onContainerKilled: ground.onContainerKilled,
    constraints,
  };
  const { services, gateway } = wire(local, ground, {
    monitoring,
    events: bridge.service(local, allows),
    iam: access.records,
    sts: access.sts,
    moto: withEmbeddedMetrics(withObjectEvents(records, account, bridge.events), metrics),
  });
  return {
    account,
    authority: access.authority,
    hasApi: (apiId) => gateway.hasApi(apiId),
    async answer(request) {
      try {
        const service = chosen(services, request);
        // An API itself looks at who calls it.
        const refusal = service === services.execute ? undefined : await access.refusal(request);
        return refusal ?? (await service.handle(request));
      } catch (error) {
        return errorResponse(error, "application/json");
      }
    },
    async close() {
      await Promise.all(Object.values<Service>({ ...services }).map(async (service) => service.close?.()));
      await logs.flush();
    },
  };
}

/** Services by signing name, and services that are found by path. */
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
  readonly servicequotas: Service;
  readonly synthetics: Service;
  readonly monitoring: Service;
  readonly events: Service;
  readonly iam: Service;
  readonly sts: Service;
  readonly moto: Service;
}

/** Services on which the others depend. */
type Beginnings = Pick<Services, "monitoring" | "events" | "iam" | "sts" | "moto">;

function wire(local: Local, { builds, models }: Ground, beginnings: Beginnings) {
  const { sagemaker, runtime, variants } = sageMaker(local);
  const { service: functions, invoker } = lambda(local);
  const gateway = apiGateway(local, invoker);
  const services: Services = {
    ...beginnings,
    sagemaker,
    runtime,
    "application-autoscaling": applicationAutoScaling(local, variants),
    lambda: functions,
    apigateway: gateway.control,
    execute: gateway.execute,
    codebuild: codeBuild(local, builds),
    codedeploy: codeDeploy(local),
    codepipeline: codePipeline(local),
    servicequotas: serviceQuotas(local.account),
    synthetics: synthetics(local, models),
  };
  return { services, gateway };
}

function chosen(services: Services, request: HttpRequest): Service {
  if (request.path.startsWith("/_aws/execute-api/")) {
    return services.execute;
  }
  const name = signedService(request);
  switch (name) {
    case "sagemaker":
      return request.path.startsWith("/endpoints/") ? services.runtime : services.sagemaker;
    case "application-autoscaling":
    case "lambda":
    case "apigateway":
    case "codebuild":
    case "codedeploy":
    case "codepipeline":
    case "servicequotas":
    case "synthetics":
    case "monitoring":
    case "events":
    case "iam":
    case "sts":
      return services[name];
    default:
      return services.moto;
  }
}

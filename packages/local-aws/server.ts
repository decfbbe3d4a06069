/**
 * The local AWS: one process on 127.0.0.1 that speaks AWS's own wire protocols, so that every client is the real one. See the README.
 */
import { randomBytes } from "node:crypto";
import { ACCOUNT_ID, accountIn, LOCAL_ACCOUNT, type Account } from "./core/account";
import { AwsError } from "./core/aws-error";
import { underTroubles } from "./core/aws-trouble";
import { Clock } from "./core/clock";
import { serviceModelConstraints } from "./core/constraints";
import { admit } from "./core/door";
import { Faults } from "./core/faults";
import { httpServer, type HttpRequest, type HttpResponse, type Service } from "./core/http";
import { errorResponse } from "./core/json-rpc";
import { listen } from "./core/listen";
import { clientEnvironment } from "./core/local";
import { readRegions } from "./core/regions";
import { scratchFolder, type Scratch } from "./core/scratch";
import { readServiceModels } from "./core/service-models";
import { faultSwitchboard } from "./core/switchboard";
import { startMoto, type Moto } from "./moto";
import type { CodeBuildOptions } from "./services/codebuild/context";
import { iam, type Authority, type Iam } from "./services/iam";
import { Worlds } from "./worlds";

export interface LocalAwsOptions {
  /** Python with moto, XGBoost and scikit-learn. */
  readonly python: string;
  /** How many times faster than on AWS time passes. @default 60 */
  readonly speed?: number;
  /** @default 0, any free port */
  readonly port?: number;
  /** Region of {@link LocalAws.account}; Requests that are signed for other regions reach those. @default us-east-1 */
  readonly region?: string;
  /** Number of {@link LocalAws.account}; Requests with other accounts' keys reach those. @default 123456789012 */
  readonly account?: string;
  /** Path of the git repository for all git sources. @default - git sources are refused */
  readonly repository?: string;
  /** The environment of builds, and the speed of their time-outs. @default - see there */
  readonly builds?: CodeBuildOptions;
  /** AWS seconds until services see a new role, or a new policy of a role. About ten on AWS. @default 0 */
  readonly propagationSeconds?: number;
  /**
   * Images of one's own: by the name of the repository, the folder that has the container's `serve.py`, `train.py` or `process.py`. Like the images
   * that are there, each is played by its programs, as processes. Nothing is built, and nothing is pulled.
   * @default - none
   */
  readonly images?: Readonly<Record<string, string>>;
  /** Whether functions act as their roles, whose policies are then enforced. @default false: they act as the account */
  readonly functionsUseRoles?: boolean;
}

/** A running local AWS. */
export interface LocalAws {
  /** Such as `http://127.0.0.1:41234`; the value for `AWS_ENDPOINT_URL`. */
  readonly endpoint: string;
  readonly account: Account;
  readonly faults: Faults;
  /** Sessions of roles, and which permissions they have used. */
  readonly sessions: Authority;
  /** Environment for any AWS client: endpoint, region, and the keys of {@link LocalAws.account}. Others cannot call this local AWS. */
  readonly environment: Readonly<Record<string, string>>;
  /** Rejects if something ends by itself without which the local AWS is of no use, such as moto. Never resolves. */
  readonly broken: Promise<never>;
  /**
   * Rejects when a model's container was killed from outside, as by a kernel that is short of memory. Never resolves. The local AWS goes on, as
   * SageMaker does, and starts a serving container again. What is measured from then on says nothing of the model.
   */
  readonly disturbed: Promise<never>;
  /** Stops every process that was started and removes what was written. */
  close(): Promise<void>;
}

/**
 * Starts the local AWS, which is ready when this resolves. If it cannot start, nothing of it stays.
 *
 * @throws if the port is taken, or the account or the region cannot exist
 */
export async function startLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  const accountId = options.account ?? LOCAL_ACCOUNT.accountId;
  const account = accountIn(accountId, options.region ?? LOCAL_ACCOUNT.region, randomBytes(30).toString("base64url"));
  if (!ACCOUNT_ID.test(account.accountId)) {
    throw new Error(`account must be a number of twelve digits, got ${account.accountId}`);
  }
  const clock = new Clock(options.speed ?? 60);
  const scratch = await scratchFolder();
  let moto: Moto | undefined;
  try {
    moto = await startMoto(options.python);
    return await openOn(moto, clock, account, scratch, options);
  } catch (error) {
    clock.stop();
    await moto?.close();
    await scratch.remove();
    throw error;
  }
}

async function openOn(
  moto: Moto,
  clock: Clock,
  home: Account,
  scratch: Scratch,
  { port = 0, propagationSeconds = 0, ...options }: LocalAwsOptions,
): Promise<LocalAws> {
  const regions = readRegions(moto.serviceModelsDir);
  regions.nameOf(home.region);
  const models = readServiceModels(moto.serviceModelsDir);
  const constraints = serviceModelConstraints(models);
  // Requests may come as soon as the port is open, and the services need to know the port.
  const ready: { worlds?: Worlds } = {};
  const faults = new Faults();
  const switchboard = faultSwitchboard(faults, clock);
  const access = iam(clock, moto.reach, home.secretAccessKey, propagationSeconds);
  const server = httpServer(
    underTroubles(faults, (request) =>
      request.path.startsWith("/_local/") ? ordered(access, switchboard, request) : answer(ready.worlds, request),
    ),
    admit,
  );
  const endpoint = await listen(server, port);
  const { disturbed, onContainerKilled } = disturbance();
  const shared = {
    endpoint,
    onContainerKilled,
    clock,
    faults,
    moto,
    iam: access,
    constraints,
    models,
    scratchDir: scratch.path,
  };
  const worlds = new Worlds({ ...shared, ...options }, regions, home);
  ready.worlds = worlds;
  return {
    endpoint,
    account: home,
    faults,
    sessions: worlds.home.authority,
    broken: moto.broken,
    disturbed,
    environment: clientEnvironment({ account: home, endpoint }),
    async close() {
      // Endpoints write their last captures to S3 when they stop, so the door and moto close after them.
      await worlds.close();
      clock.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      access.close();
      await moto.close();
      await scratch.remove();
    },
  };
}

function disturbance() {
  let onContainerKilled: (what: string) => void = () => undefined;
  const disturbed = new Promise<never>((_, reject) => (onContainerKilled = (what) => reject(new Error(what))));
  disturbed.catch(() => undefined); // Whoever waits for it is told; it is no defect if nobody does.
  return { disturbed, onContainerKilled };
}

/** The switchboard is not AWS's, but asks for AWS's keys too. */
async function ordered(access: Iam, switchboard: Service, request: HttpRequest): Promise<HttpResponse> {
  try {
    await access.authenticate(request);
    return await switchboard.handle(request);
  } catch (error) {
    return errorResponse(error, "application/json");
  }
}

async function answer(worlds: Worlds | undefined, request: HttpRequest): Promise<HttpResponse> {
  return worlds === undefined
    ? errorResponse(new AwsError("ServiceUnavailable", "the local AWS is still starting", 503), "application/json")
    : worlds.answer(request);
}

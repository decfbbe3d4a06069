import { GetAliasCommand, GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { VARIABLES } from "../lib/contract";

/** One release that traffic goes to. */
export interface Watched {
  readonly endpointName: string;
  readonly release: string;
  /** Share of the traffic, 0 to 1. */
  readonly share: number;
}

/** A function that answers, and the alias whose routing says which releases have traffic. */
interface Routing {
  readonly functionName: string;
  readonly aliasName: string;
}

const ownClient = new LambdaClient({ maxAttempts: 5 });

/**
 * By the alias' routing: the old release during a shift and after a rollback, and no release that is only kept.
 *
 * @param lambda @default - a client with the settings of the environment
 */
export async function releasesWithTraffic(
  { functionName, aliasName }: Routing,
  lambda = ownClient,
): Promise<[Watched, ...Watched[]]> {
  const alias = await lambda.send(new GetAliasCommand({ FunctionName: functionName, Name: aliasName }));
  const others = Object.entries(alias.RoutingConfig?.AdditionalVersionWeights ?? {});
  const rest = 1 - others.reduce((sum, [, weight]) => sum + weight, 0);
  const versions = [...others, [alias.FunctionVersion ?? "", rest] as const].filter(([, share]) => share > 0);
  const found = await Promise.all(
    versions.map(async ([version, share]) => ({ ...(await releaseAt(lambda, functionName, version)), share })),
  );
  const [first, ...more] = byEndpoint(found);
  if (first === undefined) {
    throw new Error(`alias ${aliasName} of ${functionName} sends traffic to no version`);
  }
  return [first, ...more];
}

/** While another version of the function takes over with the same release, both send their traffic to the same endpoint. */
function byEndpoint(found: readonly Watched[]): Watched[] {
  const all = new Map<string, Watched>();
  for (const one of found) {
    const before = all.get(one.endpointName);
    all.set(one.endpointName, { ...one, share: one.share + (before?.share ?? 0) });
  }
  return [...all.values()];
}

/** The release that a version of the function serves. @throws if the version does not say */
export async function releaseAt(
  lambda: LambdaClient,
  functionName: string,
  version: string,
): Promise<Omit<Watched, "share">> {
  const { names, why } = await namesAt(lambda, functionName, version);
  if (names === undefined) {
    const wanted = `${VARIABLES.endpointName} and ${VARIABLES.release}`;
    throw new Error(`version ${version} of ${functionName} must name ${wanted} in its environment: ${why}`);
  }
  return names;
}

/** The same; `undefined` with the reason if the version's environment does not name both. */
export async function namesAt(lambda: LambdaClient, functionName: string, version: string) {
  const { Environment: environment } = await lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName: functionName, Qualifier: version }),
  );
  const { [VARIABLES.endpointName]: endpointName, [VARIABLES.release]: release } = environment?.Variables ?? {};
  const names = endpointName === undefined || release === undefined ? undefined : { endpointName, release };
  return { names, why: environment?.Error?.Message ?? "it names none" };
}

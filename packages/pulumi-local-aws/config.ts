import { CREDENTIAL_SETTINGS, credentialProblems, credentialsOf, type Credentials } from "./credentials";
import type { Problem } from "./properties";
import type { Tags } from "./tags";
import { type Value, type Values, isBlock, parseJson, textOf } from "./values";

/** Configuration of the provider, by key: text, or (from an explicit `aws.Provider`) JSON in text. */
export type ProviderConfig = Values;

/** What the provider needs to know. */
export interface Settings {
  /** Where the local AWS is. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** Put on every resource that can have tags. */
  readonly defaultTags: Tags;
}

/** Keys with a meaning here. `endpoints` and `profile` are for real AWS: here `AWS_ENDPOINT_URL` rules. */
const KNOWN: readonly string[] = ["region", "profile", "endpoints", "defaultTags", ...CREDENTIAL_SETTINGS];

/** Keys that the engine itself adds. */
const ENGINE = ["version", "pluginDownloadURL", "pluginChecksums", "__internal", "__defaults"];

/** What of a provider's configuration is wrong or would be ignored. `skip…` checks are not made here anyway. */
export function configProblems(config: Values): readonly Problem[] {
  const unknown = Object.keys(config)
    .filter((key) => !KNOWN.includes(key) && !ENGINE.includes(key) && !key.startsWith("skip"))
    .map((property) => ({
      property,
      reason: `the local AWS provider does not know this setting (it knows ${KNOWN.join(", ")} and skip…)`,
    }));
  return [...unknown, ...credentialProblems(config)];
}

/**
 * Reads the configuration.
 *
 * @throws where `AWS_ENDPOINT_URL` is missing or leads off this machine: this provider must never touch a real account.
 */
export function readSettings(config: ProviderConfig, environment: NodeJS.ProcessEnv): Settings {
  const endpoint = environment.AWS_ENDPOINT_URL;
  if (endpoint === undefined || endpoint === "") {
    throw new Error(
      "AWS_ENDPOINT_URL is not set: the local AWS provider never talks to real AWS. " +
        "Start the local AWS and set AWS_ENDPOINT_URL, or remove the plugin's path from Pulumi.yaml to deploy to real AWS.",
    );
  }
  if (!isLoopback(endpoint)) {
    throw new Error(
      `AWS_ENDPOINT_URL is ${endpoint}, which is not on this machine: the local AWS provider only talks to the local AWS`,
    );
  }
  const configured = config.region;
  const region =
    typeof configured === "string" ? configured : (environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION);
  if (region === undefined || region === "") {
    throw new Error("no region: set it with `pulumi config set aws:region us-east-1` or AWS_REGION");
  }
  return { endpoint, region, credentials: credentialsOf(config), defaultTags: defaultTags(config.defaultTags) };
}

function isLoopback(endpoint: string): boolean {
  if (!URL.canParse(endpoint)) {
    return false;
  }
  const { protocol, hostname } = new URL(endpoint);
  return protocol === "http:" && (hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname));
}

function defaultTags(setting: Value | undefined): Tags {
  const parsed = typeof setting === "string" ? parseJson(setting) : setting;
  const tags = isBlock(parsed) ? parsed.tags : undefined;
  return Object.fromEntries(Object.entries(isBlock(tags) ? tags : {}).map(([key, value]) => [key, textOf(value)]));
}

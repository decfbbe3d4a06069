import { setting } from "./settings";

/** The partitions that are not AWS's commercial one, by how their regions begin, with the domains of their services. */
const DOMAINS: Readonly<Record<string, { readonly domain: string; readonly dualStack: string }>> = {
  "cn-": { domain: "amazonaws.com.cn", dualStack: "api.amazonwebservices.com.cn" },
  "eusc-": { domain: "amazonaws.eu", dualStack: "api.amazonwebservices.eu" },
  "us-iso-": { domain: "c2s.ic.gov", dualStack: "api.aws.ic.gov" },
  "us-isob-": { domain: "sc2s.sgov.gov", dualStack: "api.aws.scloud" },
  "us-isof-": { domain: "csp.hci.ic.gov", dualStack: "api.aws.hci.ic.gov" },
  "eu-isoe-": { domain: "cloud.adc-e.uk", dualStack: "api.cloud-aws.adc-e.uk" },
};
const COMMERCIAL = { domain: "amazonaws.com", dualStack: "api.aws" };

/**
 * Where SageMaker Runtime answers, by the environment variables that AWS's SDKs read: the region, a URL of one's own, FIPS, and dual stack.
 * https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
 */
export function runtimeUrl(): URL {
  const fips = isOn("AWS_USE_FIPS_ENDPOINT");
  const dualStack = isOn("AWS_USE_DUALSTACK_ENDPOINT");
  const own = ownUrl();
  if (own !== undefined) {
    if (fips || dualStack) {
      const what = fips ? "AWS_USE_FIPS_ENDPOINT" : "AWS_USE_DUALSTACK_ENDPOINT";
      throw new Error(`${what} cannot be true where the function's environment has a URL of its own, ${own}`);
    }
    return new URL(own);
  }
  const region = setting("AWS_REGION");
  return new URL(`https://${hostOf(region, fips, dualStack)}`);
}

function ownUrl(): string | undefined {
  const isIgnored = isOn("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
  const { AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: ofRuntime, AWS_ENDPOINT_URL: ofAll } = process.env;
  return isIgnored ? undefined : ofRuntime || ofAll || undefined;
}

function hostOf(region: string, fips: boolean, dualStack: boolean): string {
  const start = Object.keys(DOMAINS).find((prefix) => region.startsWith(prefix));
  const { domain, dualStack: dualStackDomain } = (start === undefined ? undefined : DOMAINS[start]) ?? COMMERCIAL;
  if (dualStack) {
    return `runtime.sagemaker${fips ? "-fips" : ""}.${region}.${dualStackDomain}`;
  }
  if (!fips || region.startsWith("us-gov-")) {
    return `runtime.sagemaker.${region}.${domain}`;
  }
  return start === undefined
    ? `runtime-fips.sagemaker.${region}.${domain}`
    : `runtime.sagemaker-fips.${region}.${domain}`;
}

function isOn(name: string): boolean {
  const value = process.env[name] ?? "false";
  if (value !== "true" && value !== "false") {
    throw new Error(`${name} in the function's environment must be "true" or "false", got ${JSON.stringify(value)}`);
  }
  return value === "true";
}

import { notPartOfLocal } from "../../core/aws-error";
import type { Declare } from "../../core/modelled-operation";
import type { Operation } from "../../core/operation";
import { invalid, page } from "./errors";
import type { PageInput } from "./shapes";

interface Runtime {
  readonly name: string;
  /** In AWS's order; AWS's own days are not played. */
  readonly released: string;
  readonly deprecated?: string;
}

/**
 * Runtimes whose scripts lie in `nodejs/node_modules` of the zip: the newest, and one whose time is over.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Library_nodejs_puppeteer.html
 */
const RUNTIMES: readonly Runtime[] = [
  { name: "syn-nodejs-puppeteer-15.0", released: "2026-03-01" },
  { name: "syn-nodejs-puppeteer-13.1", released: "2026-01-01" },
  { name: "syn-nodejs-puppeteer-7.0", released: "2024-03-01", deprecated: "2026-01-22" },
];

/**
 * @throws ValidationException for a runtime that there is none of, or none for new canaries any more; NotImplemented for one that runs
 * something else than Node and Puppeteer
 */
export function checkRuntime(name: string): void {
  const found = RUNTIMES.find((one) => one.name === name);
  if (found === undefined && /^syn-(python|nodejs-playwright)-/.test(name)) {
    throw notPartOfLocal(`Synthetics RuntimeVersion ${name}`);
  }
  if (found === undefined) {
    throw invalid(`Unsupported runtime version: ${name}. There are ${RUNTIMES.map((one) => one.name).join(", ")}`);
  }
  if (found.deprecated !== undefined) {
    throw invalid(`Runtime version ${name} is deprecated since ${found.deprecated}: use a newer one`);
  }
}

export function runtimeOperations(operation: Declare): readonly Operation[] {
  return [
    operation<PageInput>("DescribeRuntimeVersions", (input) => {
      const { items, nextToken } = page(RUNTIMES, input.NextToken, input.MaxResults);
      return {
        RuntimeVersions: items.map(({ name, released, deprecated }) => ({
          VersionName: name,
          Description: "Played by the local Node, without a browser",
          ReleaseDate: new Date(released),
          ...(deprecated === undefined ? {} : { DeprecationDate: new Date(deprecated) }),
        })),
        NextToken: nextToken,
      };
    }),
  ];
}

import type * as pulumi from "@pulumi/pulumi";

/**
 * A handler of your own. Each release has its own version of it. It gets API Gateway's proxy events (a rollout's own requests have the member
 * `safeDeployProbe: true`), answers `{ statusCode, headers, body }`, and may call the endpoints of all releases. Its environment has
 * `ENDPOINT_NAME`, `RELEASE`, `MODEL_REQUEST` (`request` as JSON), `ACCEPT` (`check.accept` as JSON) and what `environment` adds.
 *
 * What judges it: see `writesMetrics`, and docs/safety.md for the metrics.
 */
export interface OwnHandler {
  /** Its code: the path of a folder or of an archive, or an archive of Pulumi's. A change is rolled out with the next release. */
  readonly code: string | pulumi.asset.Archive;
  /** The function in it, in Lambda's words, such as `index.handler`. */
  readonly handler: string;
  /** What runs it, in Lambda's words, such as `nodejs24.x` or `python3.13`. */
  readonly runtime: string;
  /** The processor that packages in it were built for. @default "x86_64", as Lambda's own */
  readonly architecture?: "arm64" | "x86_64";
  /**
   * Whether it writes the release's metrics for each request, in CloudWatch's embedded format. All of `alarms` then judge it. It must write
   * each at most once for a call, none below 0, at most 1 of requests and faults and 100 of rows: the rollout takes anything else for
   * somebody else's, and goes back. If not, Lambda's own metrics judge it: `functionErrors` counts its errors, `latencyP99TimesBlue` compares
   * its duration, and a probe that is not answered with status 200 stops the rollout.
   * @default false
   */
  readonly writesMetrics?: boolean;
}

/** Where a function runs in a VPC, in Lambda's words. */
export interface VpcPlace {
  /** Ids of its subnets, in as many zones as it is to survive the loss of one. */
  readonly subnetIds: pulumi.Input<readonly pulumi.Input<string>[]>;
  /** Ids of the security groups that say what it may reach. */
  readonly securityGroupIds: pulumi.Input<readonly pulumi.Input<string>[]>;
}

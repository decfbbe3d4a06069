import * as pulumi from "@pulumi/pulumi";
import { AutoscaledEndpoint } from "./autoscaled-endpoint";
import { BlueGreenApi } from "./blue-green-api";
import type { SafeModelArgs } from "./safe-model/arguments";
import { apiArguments, endpointArguments } from "./safe-model/children";
import { modelProblems } from "./safe-model/checks";
import { refuse } from "./support/problems";
import { transform } from "./support/transform";

/** The children of {@link SafeModel}. */
export interface SafeModelNodes {
  /** The endpoint of the release that is to be live. */
  readonly endpoint: AutoscaledEndpoint;
  readonly api: BlueGreenApi;
  /** The endpoints of `keptReleases`, in their order. */
  readonly keptEndpoints: readonly AutoscaledEndpoint[];
}

/**
 * A model that is replaced safely: an endpoint for each release, an API in front of them, and the rollout that moves the API from one
 * release to the next. `pulumi up` with another `release` creates its endpoint, checks it, shifts the traffic, watches it, and deletes the
 * endpoint of the release before. If the new release fails any of this, the update fails and the old one goes on serving. An update with the
 * old release then deletes the failed one's endpoint.
 *
 * @example
 * new SafeModel("churn", { release, model: training.modelDataUrl, image, serve: { instanceType: "ml.m5.large" }, check: { requests } });
 */
export class SafeModel extends pulumi.ComponentResource {
  /** Where to POST requests. It never changes. "" with `front: "none"`. */
  readonly url: pulumi.Output<string>;
  /** Value for the header `x-api-key`, a secret. It exists only with `auth: "apiKey"`. */
  readonly apiKey: pulumi.Output<string> | undefined;
  /** ARN of the function's alias, which always calls the live release. Known once it serves. */
  readonly aliasArn: pulumi.Output<string>;
  /** The release that serves. Keeps its last value if a rollout fails. */
  readonly liveRelease: pulumi.Output<string>;
  /** The version of the function that serves. */
  readonly liveVersion: pulumi.Output<string>;
  /** Since when it serves, such as `2026-03-01T12:00:00Z`; "" if that is not known. */
  readonly liveSince: pulumi.Output<string>;
  /** Releases that have been live, newest first, the live one included; at most 10. */
  readonly releases: pulumi.Output<string[]>;
  /** Releases whose endpoints are kept warm beside the live one's. Known once they are. */
  readonly keptReleases: pulumi.Output<string[]>;
  /** CodeDeploy's id of the last deployment; "" if none was needed. */
  readonly deploymentId: pulumi.Output<string>;
  /** Name of the endpoint of the release that is to be live. */
  readonly endpointName: pulumi.Output<string>;
  /** The resources that it is made of. */
  readonly nodes: SafeModelNodes;

  constructor(name: string, args: SafeModelArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:SafeModel", name, {}, opts);
    refuse(modelProblems(name, args), this);
    const endpoint = this.createEndpoint(name, args, args.release);
    const api = new BlueGreenApi(
      ...transform(args.transform?.api, `${name}-api`, apiArguments(name, args, endpoint), { parent: this }),
    );
    // Only after a successful rollout: a release that still serves must not be scaled down.
    const kept = Object.keys(args.keptReleases ?? {});
    const keptEndpoints = kept.map((release) => this.createEndpoint(name, args, release, { dependsOn: api }));
    this.nodes = { endpoint, api, keptEndpoints };
    this.url = api.url;
    this.apiKey = api.apiKey;
    this.aliasArn = api.aliasArn;
    this.liveRelease = api.liveRelease;
    this.liveVersion = api.liveVersion;
    this.liveSince = api.liveSince;
    this.releases = api.releases;
    this.keptReleases = pulumi
      .all([api.liveRelease, ...keptEndpoints.map(({ endpointArn }) => endpointArn)])
      .apply(() => kept);
    this.deploymentId = api.deploymentId;
    this.endpointName = endpoint.endpointName;
    this.registerOutputs({
      url: this.url,
      apiKey: this.apiKey,
      aliasArn: this.aliasArn,
      liveRelease: this.liveRelease,
      liveVersion: this.liveVersion,
      liveSince: this.liveSince,
      releases: this.releases,
      keptReleases: this.keptReleases,
      deploymentId: this.deploymentId,
      endpointName: this.endpointName,
    });
  }

  /** Each release has a resource of its own, since the engine deletes what is no longer declared last, and only after success. */
  private createEndpoint(
    name: string,
    args: SafeModelArgs,
    release: string,
    opts?: pulumi.CustomResourceOptions,
  ): AutoscaledEndpoint {
    return new AutoscaledEndpoint(
      ...transform(args.transform?.endpoint, `${name}-${release}`, endpointArguments(name, args, release), {
        ...opts,
        parent: this,
      }),
    );
  }
}

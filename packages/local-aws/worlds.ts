import { accountIn, type Account } from "./core/account";
import { AwsError } from "./core/aws-error";
import { credentialOf, type HttpRequest, type HttpResponse } from "./core/http";
import { errorResponse } from "./core/json-rpc";
import type { Regions } from "./core/regions";
import { refusalResponse } from "./services/iam";
import { openWorld, type Ground, type World } from "./world";

/**
 * The accounts and regions of one local AWS, each made when the first request comes for it. A signature tells the region, its access key
 * the account; APIs, which need not be signed for, are found by their ids.
 */
export class Worlds {
  private readonly opened = new Map<string, World>();
  /** What the local AWS was started for. */
  readonly home: World;

  /** @throws AwsError where `home` is in no region of partition `aws` */
  constructor(
    private readonly ground: Ground,
    private readonly regions: Regions,
    home: Account,
  ) {
    this.home = this.at(home.accountId, home.region);
  }

  async answer(request: HttpRequest): Promise<HttpResponse> {
    const [, apiId] = /^\/_aws\/execute-api\/([^/]+)/.exec(request.path) ?? [];
    if (apiId !== undefined) {
      const world = [...this.opened.values()].find((one) => one.hasApi(apiId));
      return (world ?? this.home).answer(request);
    }
    const region = credentialOf(request)?.region;
    if (region === undefined) {
      return errorResponse(NOT_SIGNED, "application/json");
    }
    try {
      const accountId = await this.ground.iam.accountIdOf(request);
      return await this.at(accountId, region).answer(request);
    } catch (error) {
      return refusalResponse(request, error);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.opened.values()].map((world) => world.close()));
  }

  private at(accountId: string, region: string): World {
    const key = `${accountId}/${region}`;
    const before = this.opened.get(key);
    if (before !== undefined) {
      return before;
    }
    const world = openWorld(this.ground, accountIn(accountId, region), this.regions.nameOf(region));
    this.opened.set(key, world);
    return world;
  }
}

const NOT_SIGNED = new AwsError(
  "MissingAuthenticationToken",
  "the request is not signed: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
  403,
);

import { accountIn, type Account } from "./core/account";
import type { HttpRequest, HttpResponse } from "./core/http";
import type { Regions } from "./core/regions";
import { refusalResponse } from "./services/iam";
import { openWorld, type Ground, type World } from "./world";

/**
 * The accounts and regions of one local AWS, each created when its first request comes. A signature names the region, and its access key
 * the account. Requests to APIs need no signature, so APIs are found by their ids.
 */
export class Worlds {
  private readonly opened = new Map<string, World>();
  /** Of the own keys of all accounts. */
  private readonly secretAccessKey: string;
  /** The account and region for which the local AWS was started. */
  readonly home: World;

  /** @throws AwsError if the region of `home` is not in partition `aws` */
  constructor(
    private readonly ground: Ground,
    private readonly regions: Regions,
    home: Account,
  ) {
    this.secretAccessKey = home.secretAccessKey;
    this.home = this.at(home.accountId, home.region);
  }

  async answer(request: HttpRequest): Promise<HttpResponse> {
    const [, apiId] = /^\/_aws\/execute-api\/([^/]+)/.exec(request.path) ?? [];
    if (apiId !== undefined) {
      const world = [...this.opened.values()].find((one) => one.hasApi(apiId));
      return (world ?? this.home).answer(request);
    }
    try {
      const { accountId, region } = await this.ground.iam.authenticate(request);
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
    const account = accountIn(accountId, region, this.secretAccessKey);
    const world = openWorld(this.ground, account, this.regions.nameOf(region));
    this.opened.set(key, world);
    return world;
  }
}

import { S3Client } from "@aws-sdk/client-s3";
import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import { z } from "zod";
import type { AwsSettings } from "../support/context";
import type { FaultsShown } from "./shown";

const LOOPBACK = ["127.0.0.1", "localhost"];
const TIMEOUT_MS = 5000;

const clock = z.object({ speed: z.number().positive() });
const faults = z.array(z.looseObject({ kind: z.string() }));

/** The switchboard of the local AWS, which AWS itself does not have. */
export class LocalSwitchboard {
  private constructor(
    private readonly aws: AwsSettings,
    private readonly endpoint: URL,
    /** How many times faster than on AWS time passes. */
    readonly speed: number,
  ) {}

  /** That of the AWS which the settings lead to; `undefined` if that is no local one. Only this machine is asked. */
  static async find(aws: AwsSettings, env: NodeJS.ProcessEnv): Promise<LocalSwitchboard | undefined> {
    const endpoint = aws.endpoint ?? env.AWS_ENDPOINT_URL;
    if (endpoint === undefined || !URL.canParse(endpoint) || !LOOPBACK.includes(new URL(endpoint).hostname)) {
      return undefined;
    }
    const found = new LocalSwitchboard(aws, new URL(endpoint), 1);
    const answer = await found.ask("GET", "/_local/clock");
    const { data } = clock.safeParse(answer.ok ? await answer.json() : undefined);
    return data && new LocalSwitchboard(aws, new URL(endpoint), data.speed);
  }

  async list(): Promise<FaultsShown> {
    const set = faults.parse(await (await this.checked("GET", "/_local/faults")).json());
    return { set: set.map(({ kind, ...more }) => ({ kind, target: Object.values(more).map(String).join(", ") })) };
  }

  async inject(fault: Readonly<Record<string, unknown>>): Promise<void> {
    await this.checked("PUT", "/_local/faults", JSON.stringify(fault));
  }

  async end(): Promise<void> {
    await this.checked("DELETE", "/_local/faults");
  }

  private async checked(method: string, path: string, body?: string): Promise<Response> {
    const answer = await this.ask(method, path, body);
    if (!answer.ok) {
      throw new Error(`the local AWS has refused ${method} ${path}: ${answer.status} ${await answer.text()}`);
    }
    return answer;
  }

  /** Its requests are signed as those to AWS. */
  private async ask(method: string, path: string, body?: string): Promise<Response> {
    const { credentials, region } = new S3Client(this.aws).config;
    const signer = new SignatureV4({ service: "local", credentials, region, sha256: Sha256 });
    const { protocol, hostname, port, host } = this.endpoint;
    const headers = { host, ...(body === undefined ? {} : { "content-type": "application/json" }) };
    const request = { method, protocol, hostname, port: Number(port), path, query: {}, headers, body };
    const signed = await signer.sign(request);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    return fetch(new URL(path, this.endpoint), { method, headers: signed.headers, body, signal });
  }
}

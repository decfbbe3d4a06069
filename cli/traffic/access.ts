import { STSClient } from "@aws-sdk/client-sts";
import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import type { AwsSettings } from "../support/context";

/** The headers by which an API lets a request in. */
export type Access = (url: URL, body: string) => Promise<Readonly<Record<string, string>>>;

/** Of an API that asks for no credentials. */
export const OPEN: Access = async () => ({});

/** Of an API that asks for a key. */
export const byKey =
  (key: string): Access =>
  async () => ({ "x-api-key": key });

/** Of an API that asks for AWS's signature: the request is signed with the credentials that AWS itself is called with. */
export function bySignature(aws: AwsSettings): Access {
  const { region, credentials } = new STSClient(aws).config;
  const signer = new SignatureV4({ service: "execute-api", region, credentials, sha256: Sha256 });
  return async (url, body) => {
    const { headers } = await signer.sign({
      method: "POST",
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port === "" ? {} : { port: Number(url.port) }),
      path: url.pathname,
      query: {},
      headers: { host: url.host },
      body,
    });
    return headers;
  };
}

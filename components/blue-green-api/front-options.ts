import type * as pulumi from "@pulumi/pulumi";

/** Who may call the API. */
export type Authorization = "iam" | "apiKey" | "none";

/** Which pages of other origins may call the API from a browser. */
export interface Cors {
  /** The origin, such as `https://app.example.com`, or `*` for any. */
  readonly allowOrigin: string;
  /** Headers that a page may send. @default - those of signed requests, of API keys and of SageMaker's custom attributes and ids, and the media types */
  readonly allowHeaders?: readonly string[];
  /** Seconds for which a browser remembers the permission. @default 600 */
  readonly maxAge?: number;
}

/** A name of your own for the API, with TLS 1.2 or newer. A change of the name replaces it: callers of the old one get no answer any more. */
export interface CustomDomain {
  /** The name, such as `api.example.com`. */
  readonly domainName: pulumi.Input<string>;
  /** ARN of the name's certificate in ACM, in the API's region. */
  readonly certificateArn: pulumi.Input<string>;
  /** First part of the path, if several APIs share the name. @default - none */
  readonly basePath?: string;
  /** Id of the Route 53 zone in which the name is made to point at the API. @default - you make it point there, at `nodes.domainName` */
  readonly hostedZoneId?: pulumi.Input<string>;
}

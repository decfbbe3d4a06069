import * as pulumi from "@pulumi/pulumi";
import * as apigateway from "@pulumi/aws/apigateway";
import * as route53 from "@pulumi/aws/route53";
import { transform } from "../support/transform";
import type { CustomDomain } from "./front-options";
import type { FrontNodes, FrontTransforms } from "./transforms";

/** What a name of one's own needs beside itself. */
interface DomainArgs {
  /** The stage that is reached by it. */
  readonly stage: apigateway.Stage;
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  readonly transform?: FrontTransforms;
}

/** A name of one's own, and the address that it gives the API. */
interface Domain extends Pick<FrontNodes, "domainName" | "basePathMapping" | "record"> {
  readonly url: pulumi.Output<string>;
}

/** A name of one's own for a stage, in the API's region, and where to find it in the DNS if there is a zone. */
export function domain(
  name: string,
  { domainName: given, certificateArn, basePath, hostedZoneId }: CustomDomain,
  { stage, tags, transform: changes }: DomainArgs,
  parent: pulumi.Resource,
): Domain {
  const domainName = new apigateway.DomainName(
    ...transform(
      changes?.domainName,
      `${name}-domain`,
      {
        domainName: given,
        regionalCertificateArn: certificateArn,
        endpointConfiguration: { types: "REGIONAL" },
        securityPolicy: "TLS_1_2",
        tags,
      },
      { parent },
    ),
  );
  const basePathMapping = new apigateway.BasePathMapping(
    ...transform(
      changes?.basePathMapping,
      `${name}-base-path`,
      { domainName: domainName.domainName, restApi: stage.restApi, stageName: stage.stageName, basePath },
      { parent },
    ),
  );
  const record =
    hostedZoneId === undefined
      ? undefined
      : new route53.Record(
          ...transform(
            changes?.record,
            `${name}-record`,
            {
              name: domainName.domainName,
              type: "A",
              zoneId: hostedZoneId,
              aliases: [
                {
                  name: domainName.regionalDomainName,
                  zoneId: domainName.regionalZoneId,
                  evaluateTargetHealth: false,
                },
              ],
            },
            { parent },
          ),
        );
  const path = basePath === undefined ? "" : `/${basePath}`;
  // Callers find the API by this name only once it is mapped and in the DNS.
  const ready = [basePathMapping.id, record?.id ?? ""];
  const url = pulumi.all([domainName.domainName, ...ready]).apply(([host]) => `https://${host}${path}`);
  return { domainName, basePathMapping, record, url };
}

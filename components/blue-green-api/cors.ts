import type * as pulumi from "@pulumi/pulumi";
import * as apigateway from "@pulumi/aws/apigateway";
import type { Cors } from "./front-options";

/** What callers of this API send: a signature or a key, the media types, and SageMaker's custom attributes and ids. */
const USUAL_HEADERS = [
  "Accept",
  "Authorization",
  "Content-Type",
  "X-Amz-Content-Sha256",
  "X-Amz-Date",
  "X-Amz-Security-Token",
  "X-Amzn-SageMaker-Custom-Attributes",
  "X-Amzn-SageMaker-Inference-Id",
  "X-Api-Key",
];

/**
 * Answers a browser that asks whether a page may send a request (`OPTIONS`), without a call of the function, and lets the page read what API
 * Gateway answers by itself, such as 403 and 429. The function's answers have their header from the function.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html
 *
 * @returns what a deployment must wait for.
 */
export function allowBrowsers(
  name: string,
  { allowOrigin, allowHeaders = USUAL_HEADERS, maxAge = 600 }: Cors,
  { api, resource }: { readonly api: apigateway.RestApi; readonly resource: apigateway.Resource },
  parent: pulumi.Resource,
): pulumi.Resource[] {
  const headers = {
    "Access-Control-Allow-Origin": allowOrigin,
    "Access-Control-Allow-Headers": allowHeaders.join(","),
    "Access-Control-Allow-Methods": "OPTIONS,POST",
    "Access-Control-Max-Age": String(maxAge),
  };
  const method = new apigateway.Method(
    `${name}-options`,
    { restApi: api.id, resourceId: resource.id, httpMethod: "OPTIONS", authorization: "NONE" },
    { parent },
  );
  const of = { restApi: api.id, resourceId: resource.id, httpMethod: method.httpMethod };
  const integration = new apigateway.Integration(
    `${name}-options-integration`,
    { ...of, type: "MOCK", requestTemplates: { "application/json": '{"statusCode": 204}' } },
    { parent },
  );
  const response = new apigateway.MethodResponse(
    `${name}-options-response`,
    { ...of, statusCode: "204", responseParameters: inResponse(headers, () => true) },
    { parent },
  );
  const integrationResponse = new apigateway.IntegrationResponse(
    `${name}-options-integration-response`,
    { ...of, statusCode: response.statusCode, responseParameters: inResponse(headers, (value) => `'${value}'`) },
    { parent, dependsOn: [integration] },
  );
  const refusals = ["DEFAULT_4XX", "DEFAULT_5XX"].map(
    (responseType) =>
      new apigateway.Response(
        `${name}-${responseType.toLowerCase().replace("_", "-")}`,
        {
          restApiId: api.id,
          responseType,
          responseParameters: { "gatewayresponse.header.Access-Control-Allow-Origin": `'${allowOrigin}'` },
        },
        { parent },
      ),
  );
  return [method, integration, response, integrationResponse, ...refusals];
}

/** Headers under the names that API Gateway has for them in a method's response. */
function inResponse<T>(headers: Readonly<Record<string, string>>, as: (value: string) => T): Record<string, T> {
  return Object.fromEntries(
    Object.entries(headers).map(([header, value]) => [`method.response.header.${header}`, as(value)]),
  );
}

import { GetAliasCommand, GetFunctionConfigurationCommand, InvokeCommand } from "@aws-sdk/client-lambda";
import { Uint8ArrayBlobAdapter } from "@smithy/core/serde";
import { AwsError } from "local-aws/core/aws-error";
import type { Service } from "local-aws/core/http";
import { operation } from "local-aws/core/operation";
import { restJsonService } from "local-aws/core/rest-json";
import { APPLICATION, type Fixture } from "local-aws/tests/codedeploy/fixture";

const PRE_TRAFFIC = `CodeDeployHook_${APPLICATION}-pre-traffic`;

/**
 * The function of an API: each version serves a release. Its alias and its hooks are the fixture's.
 *
 * @param known the requests that the hooks know
 */
export function serveApi(
  fixture: Fixture,
  releases: Readonly<Record<string, string>>,
  known: readonly { readonly body: string }[] = [{ body: "9.92,1,1.84" }],
): void {
  const endpointAt = (version: string) => `mlops-nyctaxi-prd-${releases[version]}`;
  const own = restJsonService("Lambda", [
    operation(GetFunctionConfigurationCommand, ({ FunctionName, Qualifier = "" }) => {
      const release = releases[Qualifier];
      if (FunctionName !== PRE_TRAFFIC && release === undefined) {
        throw new AwsError("ResourceNotFoundException", `Function not found: ${FunctionName}:${Qualifier}`, 404);
      }
      const Variables: Record<string, string> =
        release === undefined
          ? { KNOWN_REQUESTS: JSON.stringify(known) }
          : { RELEASE: release, ENDPOINT_NAME: endpointAt(Qualifier) };
      return { Environment: { Variables } };
    }),
    operation(GetAliasCommand, ({ FunctionName }) => {
      throw new AwsError("ResourceNotFoundException", `Function not found: ${FunctionName}`, 404);
    }),
    operation(InvokeCommand, () => {
      const headers = { "X-SageMaker-Endpoint": endpointAt(fixture.lambda.version) };
      return {
        StatusCode: 200,
        Payload: new Uint8ArrayBlobAdapter(Buffer.from(JSON.stringify({ statusCode: 200, headers, body: "12.3\n" }))),
      };
    }),
  ]);
  const isOwn = (path: string) =>
    path.includes("/configuration") ||
    path.includes(`/${APPLICATION}/invocations`) ||
    !path.includes(`/${APPLICATION}/`);
  const service: Service = {
    name: "Lambda",
    handle: (request) => (isOwn(decodeURIComponent(request.path)) ? own : fixture.lambda.service).handle(request),
  };
  fixture.replace("lambda", service);
}

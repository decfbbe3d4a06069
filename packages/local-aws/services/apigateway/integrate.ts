import { AwsError } from "../../core/aws-error";
import type { HttpResponse } from "../../core/http";
import type { FunctionInvoker, Invocation, Local } from "../../core/local";
import type { Call } from "./call";
import { badIntegration, GatewayFault, misconfigured, timedOut } from "./gateway-response";
import { DEFAULT_TIMEOUT_MS, lambdaOf } from "./integrations";
import type { Permissions } from "./permission";
import { proxyEvent } from "./proxy-event";
import { proxyResponse } from "./proxy-response";
import type { Route } from "./store";

/** Calls the function behind a method and makes its answer the caller's. */
export class LambdaIntegration {
  constructor(
    private readonly local: Local,
    private readonly invoker: FunctionInvoker,
    private readonly permissions: Permissions,
  ) {}

  /** @throws GatewayFault */
  async answer(call: Call, route: Route): Promise<HttpResponse> {
    const { integration } = route.method;
    const target = lambdaOf(withStageVariables(integration?.uri ?? "", call.stage.variables));
    if (target === undefined) {
      throw misconfigured(
        `Execution failed due to configuration error: Invalid function ARN ${integration?.uri ?? ""}`,
      );
    }
    if (integration?.httpMethod !== "POST") {
      throw misconfigured("Execution failed due to configuration error: Lambda functions are invoked by POST only");
    }
    const { name: functionName, qualifier } = target;
    if (!(await this.permissions.allow({ functionName, qualifier, sourceArn: this.sourceArn(call, route) }))) {
      throw misconfigured("Execution failed due to configuration error: Invalid permissions on Lambda function");
    }
    const startedMs = performance.now();
    const payload = Buffer.from(JSON.stringify(proxyEvent(this.local.account, call, route)));
    const took = (status: number) => {
      call.integration = { status, latencyMs: Math.round(performance.now() - startedMs) };
    };
    try {
      const timeoutMs = integration.timeoutInMillis ?? DEFAULT_TIMEOUT_MS;
      const invocation = await this.invoke(functionName, qualifier, payload, timeoutMs);
      took(200);
      if (invocation.functionError !== undefined) {
        throw badIntegration(`Lambda execution failed: ${Buffer.from(invocation.payload).toString("utf8")}`);
      }
      return proxyResponse(invocation.payload, call.deployment.binaryMediaTypes, call.request.headers.accept);
    } catch (error) {
      if (call.integration === undefined) {
        took(error instanceof AwsError ? error.statusCode : 504);
      }
      // Lambda refused the call, as it does when it throttles: API Gateway answers 500, whatever Lambda's status.
      throw error instanceof AwsError ? misconfigured(`Lambda answered ${error.code}: ${error.message}`) : error;
    }
  }

  /** The time-out is in real time, since the function really runs. */
  private async invoke(
    functionName: string,
    qualifier: string | undefined,
    payload: Uint8Array,
    timeoutMs: number,
  ): Promise<Invocation> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<GatewayFault>((resolve) => {
      timer = setTimeout(() => resolve(timedOut()), timeoutMs);
    });
    try {
      const first = await Promise.race([this.invoker.invoke(functionName, qualifier, payload), late]);
      if (first instanceof GatewayFault) {
        throw first;
      }
      return first;
    } finally {
      clearTimeout(timer);
    }
  }

  /** ARN of the method, with `*` for what its path leaves open. */
  private sourceArn({ api, stage }: Call, { path, method }: Route): string {
    const { region, accountId } = this.local.account;
    const httpMethod = method.httpMethod === "ANY" ? "*" : method.httpMethod;
    const open = path.replace(/\{[^}]+\}/g, "*");
    return `arn:aws:execute-api:${region}:${accountId}:${api.id}/${stage.stageName}/${httpMethod}${open}`;
  }
}

function withStageVariables(uri: string, variables: Readonly<Record<string, string>>): string {
  return uri.replace(/\$\{stageVariables\.([A-Za-z0-9_]+)\}/g, (_whole, name: string) => variables[name] ?? "");
}

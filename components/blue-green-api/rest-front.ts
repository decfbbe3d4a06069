import * as pulumi from "@pulumi/pulumi";
import * as apigateway from "@pulumi/aws/apigateway";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as lambda from "@pulumi/aws/lambda";
import { ApiGatewayLogRole } from "../api-gateway-log-role";

/** Who may call the API. */
export type Authorization = "iam" | "apiKey" | "none";

/** Arguments of {@link RestFront}. */
export interface RestFrontArgs {
  /** Name of the API in the console. */
  readonly apiName: string;
  /** The function behind the API, and the alias by which the API calls it. */
  readonly function: lambda.Function;
  readonly aliasName: string;
  /**
   * The resource that makes the alias. The API only waits for it: an output of it would be unknown in a preview, and the preview would then
   * show replacements that never happen.
   */
  readonly rollout: pulumi.Resource;
  readonly auth: Authorization;
  /** Requests per second that are let through in the long run. */
  readonly rateLimit: number;
  /** Requests that are let through at once. */
  readonly burstLimit: number;
  /** Whether to give API Gateway the account-wide role that it needs for access logs, if it has none. */
  readonly createAccountLogRole: boolean;
  readonly logRetentionDays: number;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A REST API with one method, `POST /api`, that calls a Lambda alias. */
export class RestFront extends pulumi.ComponentResource {
  /** Where to send requests, such as `https://abc.execute-api.us-east-1.amazonaws.com/Prod/api`. */
  readonly url: pulumi.Output<string>;
  /** Value for the header `x-api-key`, a secret. It exists only with `auth: "apiKey"`. */
  readonly apiKey: pulumi.Output<string> | undefined;

  constructor(name: string, args: RestFrontArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:RestFront", name, {}, opts);
    const parent = { parent: this };
    const api = new apigateway.RestApi(
      name,
      { name: args.apiName, endpointConfiguration: { types: "REGIONAL" }, tags: args.tags },
      parent,
    );
    const { triggers, dependsOn } = this.createMethod(name, args, api);
    const deployment = new apigateway.Deployment(
      `${name}-deployment`,
      { restApi: api.id, triggers },
      { parent: this, dependsOn },
    );
    const stage = this.createStage(name, args, api, deployment);
    this.apiKey = args.auth === "apiKey" ? this.createApiKey(name, args, stage) : undefined;
    const permission = new lambda.Permission(
      `${name}-invoke`,
      {
        action: "lambda:InvokeFunction",
        function: args.function.name,
        qualifier: args.aliasName,
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`${api.executionArn}/${stage.stageName}/POST/api`,
      },
      { parent: this, dependsOn: args.rollout },
    );
    this.url = pulumi.all([stage.invokeUrl, permission.id]).apply(([url]) => `${url}/api`);
    this.registerOutputs({ url: this.url });
  }

  private createMethod(name: string, args: RestFrontArgs, api: apigateway.RestApi) {
    const parent = { parent: this };
    const resource = new apigateway.Resource(
      `${name}-resource`,
      { restApi: api.id, parentId: api.rootResourceId, pathPart: "api" },
      parent,
    );
    const access = { authorization: args.auth === "iam" ? "AWS_IAM" : "NONE", apiKeyRequired: args.auth === "apiKey" };
    const method = new apigateway.Method(
      `${name}-method`,
      { restApi: api.id, resourceId: resource.id, httpMethod: "POST", ...access },
      parent,
    );
    const aliasArn = pulumi.interpolate`${args.function.arn}:${args.aliasName}`;
    // `invokeArn` is arn:<partition>:apigateway:<region>:lambda:path/2015-03-31/functions/<function ARN>/invocations.
    const uri = pulumi
      .all([args.function.invokeArn, args.function.arn, aliasArn])
      .apply(([invokeArn, functionArn, qualified]) => invokeArn.replace(functionArn, qualified));
    const integration = new apigateway.Integration(
      `${name}-integration`,
      {
        restApi: api.id,
        resourceId: resource.id,
        httpMethod: method.httpMethod,
        integrationHttpMethod: "POST",
        type: "AWS_PROXY",
        uri,
      },
      { parent: this, dependsOn: args.rollout },
    );
    // A deployment is a snapshot. A new one must be taken when what it shows has changed.
    const triggers = { method: pulumi.jsonStringify(access), integration: integration.uri.apply((text) => text ?? "") };
    return { triggers, dependsOn: [method, integration] };
  }

  private createStage(name: string, args: RestFrontArgs, api: apigateway.RestApi, deployment: apigateway.Deployment) {
    const accessLog = new cloudwatch.LogGroup(
      `${name}-access-log`,
      { name: `/aws/apigateway/${args.apiName}`, retentionInDays: args.logRetentionDays, tags: args.tags },
      { parent: this },
    );
    const stage = new apigateway.Stage(
      `${name}-stage`,
      {
        restApi: api.id,
        deployment: deployment.id,
        stageName: STAGE,
        accessLogSettings: { destinationArn: accessLog.arn, format: ACCESS_LOG_FORMAT },
        tags: args.tags,
      },
      { parent: this, dependsOn: this.createLogRole(name, args) },
    );
    new apigateway.MethodSettings(
      `${name}-throttling`,
      {
        restApi: api.id,
        stageName: stage.stageName,
        methodPath: "*/*",
        settings: { throttlingRateLimit: args.rateLimit, throttlingBurstLimit: args.burstLimit, metricsEnabled: true },
      },
      { parent: this },
    );
    return stage;
  }

  private createLogRole(name: string, { createAccountLogRole, tags }: RestFrontArgs): pulumi.Resource[] {
    return createAccountLogRole ? [new ApiGatewayLogRole(`${name}-log-role`, { tags }, { parent: this })] : [];
  }

  private createApiKey(name: string, args: RestFrontArgs, stage: apigateway.Stage): pulumi.Output<string> {
    const key = new apigateway.ApiKey(`${name}-key`, { name: args.apiName, tags: args.tags }, { parent: this });
    const plan = new apigateway.UsagePlan(
      `${name}-plan`,
      {
        name: args.apiName,
        apiStages: [{ apiId: stage.restApi, stage: stage.stageName }],
        throttleSettings: { rateLimit: args.rateLimit, burstLimit: args.burstLimit },
        tags: args.tags,
      },
      { parent: this },
    );
    new apigateway.UsagePlanKey(
      `${name}-plan-key`,
      { keyId: key.id, keyType: "API_KEY", usagePlanId: plan.id },
      { parent: this },
    );
    return pulumi.secret(key.value);
  }
}

const STAGE = "Prod";

/** One JSON line per request; no payload, no caller's address. */
const ACCESS_LOG_FORMAT = JSON.stringify({
  requestId: "$context.requestId",
  requestTime: "$context.requestTime",
  httpMethod: "$context.httpMethod",
  path: "$context.path",
  status: "$context.status",
  responseLatency: "$context.responseLatency",
  integrationError: "$context.integrationErrorMessage",
});

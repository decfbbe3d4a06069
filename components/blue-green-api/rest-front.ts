import * as pulumi from "@pulumi/pulumi";
import * as apigateway from "@pulumi/aws/apigateway";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as lambda from "@pulumi/aws/lambda";
import * as wafv2 from "@pulumi/aws/wafv2";
import { ApiGatewayLogRole } from "../api-gateway-log-role";
import { transform } from "../support/transform";
import { keyOf } from "./api-key";
import { allowBrowsers } from "./cors";
import { domain } from "./custom-domain";
import type { Authorization, Cors, CustomDomain } from "./front-options";
import type { FrontNodes, FrontTransforms } from "./transforms";

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
  /** Whether bodies are bytes, not text. */
  readonly binary: boolean;
  readonly cors?: Cors;
  readonly customDomain?: CustomDomain;
  readonly wafAclArn?: pulumi.Input<string>;
  /** Whether to give API Gateway the account-wide role that it needs for access logs, if it has none. */
  readonly createAccountLogRole: boolean;
  readonly logRetentionDays: number;
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  readonly transform?: FrontTransforms;
}

/** A REST API with one method, `POST /api`, that calls a Lambda alias. */
export class RestFront extends pulumi.ComponentResource {
  /** Where to send requests, such as `https://abc.execute-api.us-east-1.amazonaws.com/Prod/api`. */
  readonly url: pulumi.Output<string>;
  /** Value for the header `x-api-key`, a secret. It exists only with `auth: "apiKey"`. */
  readonly apiKey: pulumi.Output<string> | undefined;
  readonly nodes: FrontNodes;

  constructor(name: string, args: RestFrontArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:RestFront", name, {}, opts);
    const { transform: changes } = args;
    const parent = { parent: this };
    const restApi = new apigateway.RestApi(
      ...transform(
        changes?.restApi,
        name,
        {
          name: args.apiName,
          endpointConfiguration: { types: "REGIONAL" },
          binaryMediaTypes: args.binary ? ["*/*"] : undefined,
          tags: args.tags,
        },
        parent,
      ),
    );
    const { resource, method, integration, triggers, dependsOn } = this.createMethod(name, args, restApi);
    const deployment = new apigateway.Deployment(
      ...transform(
        changes?.deployment,
        `${name}-deployment`,
        { restApi: restApi.id, triggers },
        { parent: this, dependsOn },
      ),
    );
    const { stage, accessLog, logRole, methodSettings } = this.createStage(name, args, restApi, deployment);
    const { apiKey, usagePlan, usagePlanKey } = args.auth === "apiKey" ? keyOf(name, args, stage, this) : {};
    this.apiKey = apiKey && pulumi.secret(apiKey.value);
    const permission = new lambda.Permission(
      ...transform(
        changes?.permission,
        `${name}-invoke`,
        {
          action: "lambda:InvokeFunction",
          function: args.function.name,
          qualifier: args.aliasName,
          principal: "apigateway.amazonaws.com",
          sourceArn: pulumi.interpolate`${restApi.executionArn}/${stage.stageName}/POST/api`,
        },
        { parent: this, dependsOn: args.rollout },
      ),
    );
    const own =
      args.customDomain && domain(name, args.customDomain, { stage, transform: changes, tags: args.tags }, this);
    const webAclAssociation = args.wafAclArn === undefined ? undefined : this.guard(name, args, stage);
    this.url = pulumi.all([own?.url ?? stage.invokeUrl, permission.id]).apply(([url]) => `${url}/api`);
    this.nodes = {
      restApi,
      resource,
      method,
      integration,
      deployment,
      stage,
      methodSettings,
      accessLog,
      permission,
      logRole,
      apiKey,
      usagePlan,
      usagePlanKey,
      domainName: own?.domainName,
      basePathMapping: own?.basePathMapping,
      record: own?.record,
      webAclAssociation,
    };
    this.registerOutputs({ url: this.url, apiKey: this.apiKey });
  }

  private createMethod(name: string, args: RestFrontArgs, api: apigateway.RestApi) {
    const parent = { parent: this };
    const resource = new apigateway.Resource(
      ...transform(
        args.transform?.resource,
        `${name}-resource`,
        { restApi: api.id, parentId: api.rootResourceId, pathPart: "api" },
        parent,
      ),
    );
    const access = { authorization: args.auth === "iam" ? "AWS_IAM" : "NONE", apiKeyRequired: args.auth === "apiKey" };
    const method = new apigateway.Method(
      ...transform(
        args.transform?.method,
        `${name}-method`,
        { restApi: api.id, resourceId: resource.id, httpMethod: "POST", ...access },
        parent,
      ),
    );
    const aliasArn = pulumi.interpolate`${args.function.arn}:${args.aliasName}`;
    // `invokeArn` is arn:<partition>:apigateway:<region>:lambda:path/2015-03-31/functions/<function ARN>/invocations.
    const uri = pulumi
      .all([args.function.invokeArn, args.function.arn, aliasArn])
      .apply(([invokeArn, functionArn, qualified]) => invokeArn.replace(functionArn, qualified));
    const integration = new apigateway.Integration(
      ...transform(
        args.transform?.integration,
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
      ),
    );
    const preflight = args.cors === undefined ? [] : allowBrowsers(name, args.cors, { api, resource }, this);
    // A deployment is a snapshot. A new one must be taken when what it shows has changed.
    const triggers = {
      method: pulumi.jsonStringify(access),
      integration: integration.uri.apply((text) => text ?? ""),
      ...(args.cors === undefined ? {} : { cors: JSON.stringify(args.cors) }),
      ...(args.binary ? { binary: "*/*" } : {}),
    };
    return { resource, method, integration, triggers, dependsOn: [method, integration, ...preflight] };
  }

  private createStage(name: string, args: RestFrontArgs, api: apigateway.RestApi, deployment: apigateway.Deployment) {
    const { transform: changes } = args;
    const accessLog = new cloudwatch.LogGroup(
      ...transform(
        changes?.accessLog,
        `${name}-access-log`,
        { name: `/aws/apigateway/${args.apiName}`, retentionInDays: args.logRetentionDays, tags: args.tags },
        { parent: this },
      ),
    );
    const logRole = this.createLogRole(name, args);
    const stage = new apigateway.Stage(
      ...transform(
        changes?.stage,
        `${name}-stage`,
        {
          restApi: api.id,
          deployment: deployment.id,
          stageName: STAGE,
          accessLogSettings: { destinationArn: accessLog.arn, format: ACCESS_LOG_FORMAT },
          tags: args.tags,
        },
        { parent: this, dependsOn: logRole === undefined ? [] : [logRole] },
      ),
    );
    const limits = { throttlingRateLimit: args.rateLimit, throttlingBurstLimit: args.burstLimit };
    const methodSettings = new apigateway.MethodSettings(
      ...transform(
        changes?.methodSettings,
        `${name}-throttling`,
        {
          restApi: api.id,
          stageName: stage.stageName,
          methodPath: "*/*",
          settings: { ...limits, metricsEnabled: true },
        },
        { parent: this },
      ),
    );
    return { stage, accessLog, logRole, methodSettings };
  }

  private createLogRole(name: string, { createAccountLogRole, tags }: RestFrontArgs): ApiGatewayLogRole | undefined {
    return createAccountLogRole ? new ApiGatewayLogRole(`${name}-log-role`, { tags }, { parent: this }) : undefined;
  }

  private guard(name: string, { wafAclArn = "", transform: changes }: RestFrontArgs, stage: apigateway.Stage) {
    return new wafv2.WebAclAssociation(
      ...transform(
        changes?.webAclAssociation,
        `${name}-waf`,
        { resourceArn: stage.arn, webAclArn: wafAclArn },
        { parent: this },
      ),
    );
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

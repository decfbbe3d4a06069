import type * as apigateway from "@pulumi/aws/apigateway";
import type * as cloudwatch from "@pulumi/aws/cloudwatch";
import type * as lambda from "@pulumi/aws/lambda";
import type * as route53 from "@pulumi/aws/route53";
import type * as wafv2 from "@pulumi/aws/wafv2";
import type * as pulumi from "@pulumi/pulumi";
import type { ApiGatewayLogRole } from "../api-gateway-log-role";
import type { DeploymentGroupNodes, DeploymentGroupTransforms } from "../lambda-rollout/deployment-group";
import type { RoleTransforms, ServiceRole } from "../service-role";
import type { Transform } from "../support/transform";

/** What a program changes of a function and of what belongs to it. */
export interface FunctionTransforms extends RoleTransforms {
  readonly function?: Transform<lambda.FunctionArgs>;
  readonly logGroup?: Transform<cloudwatch.LogGroupArgs>;
}

/** A function and what belongs to it. */
export interface FunctionNodes extends Pick<ServiceRole, "role" | "policy"> {
  readonly function: lambda.Function;
  readonly logGroup: cloudwatch.LogGroup;
}

/** What a program changes of the REST API. */
export interface FrontTransforms {
  readonly restApi?: Transform<apigateway.RestApiArgs>;
  /** The path `/api`. */
  readonly resource?: Transform<apigateway.ResourceArgs>;
  /** `POST /api`. */
  readonly method?: Transform<apigateway.MethodArgs>;
  readonly integration?: Transform<apigateway.IntegrationArgs>;
  readonly deployment?: Transform<apigateway.DeploymentArgs>;
  readonly stage?: Transform<apigateway.StageArgs>;
  readonly methodSettings?: Transform<apigateway.MethodSettingsArgs>;
  readonly accessLog?: Transform<cloudwatch.LogGroupArgs>;
  readonly permission?: Transform<lambda.PermissionArgs>;
  readonly apiKey?: Transform<apigateway.ApiKeyArgs>;
  readonly usagePlan?: Transform<apigateway.UsagePlanArgs>;
  readonly usagePlanKey?: Transform<apigateway.UsagePlanKeyArgs>;
  readonly domainName?: Transform<apigateway.DomainNameArgs>;
  readonly basePathMapping?: Transform<apigateway.BasePathMappingArgs>;
  readonly record?: Transform<route53.RecordArgs>;
  readonly webAclAssociation?: Transform<wafv2.WebAclAssociationArgs>;
}

/** The REST API's children. Those of an option exist only with it. */
export interface FrontNodes {
  readonly restApi: apigateway.RestApi;
  readonly resource: apigateway.Resource;
  readonly method: apigateway.Method;
  readonly integration: apigateway.Integration;
  readonly deployment: apigateway.Deployment;
  readonly stage: apigateway.Stage;
  readonly methodSettings: apigateway.MethodSettings;
  readonly accessLog: cloudwatch.LogGroup;
  readonly permission: lambda.Permission;
  readonly logRole: ApiGatewayLogRole | undefined;
  readonly apiKey: apigateway.ApiKey | undefined;
  readonly usagePlan: apigateway.UsagePlan | undefined;
  readonly usagePlanKey: apigateway.UsagePlanKey | undefined;
  readonly domainName: apigateway.DomainName | undefined;
  readonly basePathMapping: apigateway.BasePathMapping | undefined;
  readonly record: route53.Record | undefined;
  readonly webAclAssociation: wafv2.WebAclAssociation | undefined;
}

/** What a program changes of the children of `BlueGreenApi`. */
export interface BlueGreenApiTransforms {
  /** The function behind the API. */
  readonly predict?: FunctionTransforms;
  readonly preTraffic?: FunctionTransforms;
  readonly postTraffic?: FunctionTransforms;
  /** Each alarm of the release. */
  readonly alarm?: Transform<cloudwatch.MetricAlarmArgs>;
  /** CodeDeploy's application, group and role. */
  readonly codeDeploy?: DeploymentGroupTransforms;
  readonly provisionedConcurrency?: Transform<lambda.ProvisionedConcurrencyConfigArgs>;
  readonly front?: FrontTransforms;
}

/** The children of `BlueGreenApi`, by the keys of `transform`. */
export interface BlueGreenApiNodes {
  readonly predict: FunctionNodes;
  readonly preTraffic: FunctionNodes;
  /** It exists only with a `dataCaptureUri` or a hook of one's own. */
  readonly postTraffic: FunctionNodes | undefined;
  readonly alarms: readonly cloudwatch.MetricAlarm[];
  readonly codeDeploy: DeploymentGroupNodes;
  /** The alias, and the rollouts that move it. */
  readonly rollout: pulumi.CustomResource;
  readonly provisionedConcurrency: lambda.ProvisionedConcurrencyConfig | undefined;
  readonly front: FrontNodes | undefined;
}

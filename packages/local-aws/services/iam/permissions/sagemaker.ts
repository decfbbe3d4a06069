import type { Permission } from "../../../core/local";
import {
  action,
  askJson,
  given,
  named,
  on,
  passRole,
  together,
  whenGiven,
  withContext,
  type Call,
  type Resource,
  type Rules,
} from "./call";
import { Fields } from "./fields";

const PASSED_TO = "sagemaker.amazonaws.com";

/** SageMaker writes the names in its ARNs in lower case. */
const lower =
  (pattern: string) =>
  (call: Call): string =>
    named(pattern)(call).toLowerCase();
const trainingJob = lower("training-job/{TrainingJobName}");
const processingJob = lower("processing-job/{ProcessingJobName}");
const transformJob = lower("transform-job/{TransformJobName}");
const model = lower("model/{ModelName}");
const endpointConfig = lower("endpoint-config/{EndpointConfigName}");
const endpoint = lower("endpoint/{EndpointName}");
const experiment = lower("experiment/{ExperimentName}");
const trial = lower("experiment-trial/{TrialName}");
const component = lower("experiment-trial-component/{TrialComponentName}");
const jobDefinition = lower("data-quality-job-definition/{JobDefinitionName}");
const monitoringSchedule = lower("monitoring-schedule/{MonitoringScheduleName}");
const notebook = lower("notebook-instance/{NotebookInstanceName}");
const notebookConfig = lower("notebook-instance-lifecycle-config/{NotebookInstanceLifecycleConfigName}");
const both = (call: Call) => [endpoint(call), endpointConfig(call)];

/** Something that is created with tags is tagged by a permission of its own. */
const tagged = (resource: Resource) => whenGiven("Tags", action(resource, "sagemaker:AddTags"));
const creates = (resource: Resource) => on(resource, tagged(resource));

/** Condition keys for what something may cost, and whether it reaches the network. A key is there only where the call says it. */
function limits(instances: readonly Fields[], settings: Fields, network: Fields) {
  const runtime = settings.at("StoppingCondition").text("MaxRuntimeInSeconds");
  const isolation = network.text("EnableNetworkIsolation");
  return {
    "sagemaker:InstanceTypes": instances.map((one) => one.text("InstanceType")).filter((type) => type !== ""),
    ...(runtime === "" ? {} : { "sagemaker:MaxRuntimeInSeconds": runtime }),
    ...(isolation === "" ? {} : { "sagemaker:NetworkIsolation": isolation }),
  };
}
const ofTraining = ({ input }: Call) => {
  const resources = input.at("ResourceConfig");
  return limits([resources, ...resources.items("InstanceGroups")], input, input);
};
const ofProcessing = ({ input }: Call) =>
  limits([input.at("ProcessingResources").at("ClusterConfig")], input, input.at("NetworkConfig"));
const ofTransform = ({ input }: Call) => limits([input.at("TransformResources")], new Fields({}), new Fields({}));
const ofMonitoring = ({ input }: Call) =>
  limits([input.at("JobResources").at("ClusterConfig")], input, input.at("NetworkConfig"));
const ofModel = ({ input }: Call) => limits([], new Fields({}), input);
const ofConfig = ({ input }: Call) => limits(input.items("ProductionVariants"), new Fields({}), input);

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html */
export const SAGEMAKER: Rules = {
  CreateTrainingJob: together(
    withContext(on(trainingJob), ofTraining),
    passRole("RoleArn", PASSED_TO),
    tagged(trainingJob),
  ),
  DescribeTrainingJob: on(trainingJob),
  StopTrainingJob: on(trainingJob),
  ListTrainingJobs: on(),
  CreateProcessingJob: together(
    withContext(on(processingJob), ofProcessing),
    passRole("RoleArn", PASSED_TO),
    tagged(processingJob),
  ),
  DescribeProcessingJob: on(processingJob),
  StopProcessingJob: on(processingJob),
  ListProcessingJobs: on(),
  CreateTransformJob: together(withContext(on(transformJob), ofTransform), tagged(transformJob)),
  DescribeTransformJob: on(transformJob),
  StopTransformJob: on(transformJob),
  ListTransformJobs: on(),
  CreateModel: together(withContext(on(model), ofModel), passRole("ExecutionRoleArn", PASSED_TO), tagged(model)),
  DescribeModel: on(model),
  DeleteModel: on(model),
  ListModels: on(),
  CreateEndpointConfig: together(withContext(on(endpointConfig), ofConfig), tagged(endpointConfig)),
  DescribeEndpointConfig: on(endpointConfig),
  DeleteEndpointConfig: on(endpointConfig),
  ListEndpointConfigs: on(),
  CreateEndpoint: on(both, whenGiven("Tags", action(endpoint, "sagemaker:AddTags"))),
  UpdateEndpoint: on(both),
  UpdateEndpointWeightsAndCapacities: on(endpoint),
  DescribeEndpoint: on(endpoint),
  DeleteEndpoint: on(endpoint),
  ListEndpoints: on(),
  CreateDataQualityJobDefinition: together(
    withContext(on(jobDefinition), ofMonitoring),
    passRole("RoleArn", PASSED_TO),
    tagged(jobDefinition),
  ),
  DescribeDataQualityJobDefinition: on(jobDefinition),
  DeleteDataQualityJobDefinition: on(jobDefinition),
  ListDataQualityJobDefinitions: on(),
  CreateMonitoringSchedule: creates(monitoringSchedule),
  UpdateMonitoringSchedule: on(monitoringSchedule),
  StartMonitoringSchedule: on(monitoringSchedule),
  StopMonitoringSchedule: on(monitoringSchedule),
  DescribeMonitoringSchedule: on(monitoringSchedule),
  DeleteMonitoringSchedule: on(monitoringSchedule),
  ListMonitoringSchedules: on(),
  ListMonitoringExecutions: on(),
  CreateNotebookInstance: together(on(notebook), passRole("RoleArn", PASSED_TO), tagged(notebook)),
  DescribeNotebookInstance: on(notebook),
  UpdateNotebookInstance: on(notebook, whenGiven("RoleArn", passRole("RoleArn", PASSED_TO))),
  StartNotebookInstance: on(notebook),
  StopNotebookInstance: on(notebook),
  DeleteNotebookInstance: on(notebook),
  ListNotebookInstances: on(),
  CreateNotebookInstanceLifecycleConfig: creates(notebookConfig),
  DescribeNotebookInstanceLifecycleConfig: on(notebookConfig),
  UpdateNotebookInstanceLifecycleConfig: on(notebookConfig),
  DeleteNotebookInstanceLifecycleConfig: on(notebookConfig),
  CreateExperiment: creates(experiment),
  DescribeExperiment: on(experiment),
  DeleteExperiment: on(experiment),
  ListExperiments: on(),
  CreateTrial: creates(trial),
  DescribeTrial: on(trial),
  DeleteTrial: on(trial),
  ListTrials: on(),
  DescribeTrialComponent: on(component),
  UpdateTrialComponent: on(component),
  ListTrialComponents: on(),
  Search: on(),
  AddTags: on(given("ResourceArn")),
  DeleteTags: on(given("ResourceArn")),
  ListTags: on(given("ResourceArn")),
};

/** Application Auto Scaling, which looks at the endpoint in the caller's name. */
export const AUTOSCALING: Rules = {
  RegisterScalableTarget: on(
    target(),
    scaledEndpoint("DescribeEndpoint", "UpdateEndpointWeightsAndCapacities"),
    scaledConfig,
  ),
  DeregisterScalableTarget: on(target()),
  PutScalingPolicy: on(target(), (call) => [
    { action: "cloudwatch:PutMetricAlarm", resource: trackingAlarms(call) },
    { action: "cloudwatch:DescribeAlarms", resource: trackingAlarms(call) },
  ]),
  DeleteScalingPolicy: on(target(), (call) => [{ action: "cloudwatch:DeleteAlarms", resource: trackingAlarms(call) }]),
  DescribeScalableTargets: on(),
  DescribeScalingPolicies: on(),
  DescribeScalingActivities: on(),
  TagResource: on(given("ResourceARN")),
  UntagResource: on(given("ResourceARN")),
  ListTagsForResource: on(given("ResourceARN")),
};

/** A target's id is AWS's own and not known before. */
function target(): Resource {
  return (call) => `arn:aws:application-autoscaling:${call.account.region}:${call.account.accountId}:scalable-target/*`;
}

function trackingAlarms({ account, input }: Call): string {
  const prefix = `TargetTracking-${input.text("ResourceId")}`;
  return `arn:aws:cloudwatch:${account.region}:${account.accountId}:alarm:${prefix}*`;
}

function scaledEndpoint(...operations: readonly string[]) {
  return (call: Call) => {
    const resource = sageMakerArn(call, `endpoint/${endpointNameOf(call) ?? "*"}`);
    return operations.map((operation) => ({ action: `sagemaker:${operation}`, resource }));
  };
}

/** It also looks at the configuration that the endpoint has now, which may be one of SageMaker's own. */
async function scaledConfig(call: Call): Promise<Permission[]> {
  const input = { EndpointName: endpointNameOf(call) };
  const endpoint = await askJson(call.door, "sagemaker", "SageMaker.DescribeEndpoint", input);
  const resource = sageMakerArn(call, `endpoint-config/${endpoint.text("EndpointConfigName")}`);
  return endpoint.has("EndpointConfigName") ? [{ action: "sagemaker:DescribeEndpointConfig", resource }] : [];
}

function endpointNameOf({ input }: Call): string | undefined {
  return /^endpoint\/([^/]+)\/variant\//.exec(input.text("ResourceId"))?.[1];
}

function sageMakerArn({ account }: Call, resource: string): string {
  return `arn:aws:sagemaker:${account.region}:${account.accountId}:${resource.toLowerCase()}`;
}

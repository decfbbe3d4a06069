// What `import … from "sagemaker-safe-deploy"` gives: the components and the types of their arguments, and no internals.
export { ApiCanary } from "./api-canary";
export type { ApiCanaryArgs, ApiCanaryNodes, ApiCanaryTransforms, CanaryAuthorization } from "./api-canary/arguments";
export { ApiGatewayLogRole, type ApiGatewayLogRoleArgs, type ApiGatewayLogRoleNodes } from "./api-gateway-log-role";
export { AutoscaledEndpoint } from "./autoscaled-endpoint";
export type {
  AsyncInference,
  AutoscaledEndpointArgs,
  AutoscaledEndpointNodes,
  AutoscaledEndpointTransforms,
  CustomMetric,
  DataCapture,
  PipelineContainer,
  ScalingMetric,
  Serverless,
} from "./autoscaled-endpoint/arguments";
export type { EndpointDeployment } from "./autoscaled-endpoint/deployment";
export { BaselineJob, type BaselineJobArgs, type BaselineJobNodes } from "./baseline-job";
export {
  BlueGreenApi,
  type BlueGreenApiArgs,
  type EndpointReference,
  type ReleaseAlarmThresholds,
} from "./blue-green-api";
export type { Authorization, Cors, CustomDomain } from "./blue-green-api/front-options";
export type { OwnHandler, VpcPlace } from "./blue-green-api/function-options";
export type {
  BlueGreenApiNodes,
  BlueGreenApiTransforms,
  FrontNodes,
  FrontTransforms,
  FunctionNodes,
  FunctionTransforms,
} from "./blue-green-api/transforms";
export { Dashboard } from "./dashboard";
export type {
  CanaryWidgets,
  DashboardArgs,
  DashboardNodes,
  DashboardTransforms,
  DriftWidgets,
  QualityWidgets,
  RetrainWidgets,
} from "./dashboard/arguments";
export { DeploymentPipeline, type DeploymentPipelineArgs } from "./deployment-pipeline";
export type { StackConfigs } from "./deployment-pipeline/builds";
export type { DeployedStack } from "./deployment-pipeline/names";
export type { DeploymentPipelineNodes, DeploymentPipelineTransforms } from "./deployment-pipeline/nodes";
export type { BeforeApproval } from "./deployment-pipeline/permissions/before-approval";
export type { PulumiState } from "./deployment-pipeline/permissions/state";
export type { CodeCommitRepository, ConnectedRepository, Repository } from "./deployment-pipeline/sources";
export type { Schedule } from "./deployment-pipeline/triggers";
export type { ExecutionMode } from "./deployment-pipeline/v2-pipeline";
export { DriftMonitor } from "./drift-monitor";
export type {
  DriftMonitorArgs,
  DriftMonitorNodes,
  DriftMonitorTransforms,
  WatchedEndpoint,
} from "./drift-monitor/arguments";
export { LambdaRollout, type LambdaRolloutArgs, type LambdaRolloutNodes, type ProbeArgs } from "./lambda-rollout";
export type { DeploymentGroupNodes, DeploymentGroupTransforms } from "./lambda-rollout/deployment-group";
export { ModelArchive, type ModelArchiveArgs, type ModelArchiveNodes } from "./model-archive";
export { ModelBaseline, type BaselineDigests, type ModelBaselineArgs, type ModelBaselineNodes } from "./model-baseline";
export { ModelQualityMonitor } from "./model-quality-monitor";
export type {
  ModelQualityMonitorArgs,
  ModelQualityMonitorNodes,
  ModelQualityMonitorTransforms,
  TrainingLimit,
} from "./model-quality-monitor/arguments";
export type { MonitorArgs, MonitorNodes, MonitorTransforms } from "./monitoring/arguments";
export { ReleaseNotebook } from "./release-notebook";
export type {
  ReleaseNotebookArgs,
  ReleaseNotebookNodes,
  ReleaseNotebookSettings,
  ReleaseNotebookTransforms,
} from "./release-notebook/arguments";
export { RetrainGovernor, type RetrainGovernorArgs } from "./retrain-governor";
export type { RetrainGovernorNodes, RetrainGovernorTransforms, RetrainSettings } from "./retrain-governor/arguments";
export { SafeModel, type SafeModelNodes } from "./safe-model";
export type {
  ModelFront,
  ModelFunction,
  ReleaseContent,
  SafeModelArgs,
  SafeModelTransforms,
  Serving,
} from "./safe-model/arguments";
export { releasesBefore, type ReleasesBefore } from "./safe-model/releases-before";
export type { RoleTransforms } from "./service-role";
export type { Transform } from "./support/transform";
export type { ExperimentPlace, JobArgs } from "./jobs/arguments";
export { TrainingJob } from "./training-job";
export type {
  Channel,
  MetricDefinition,
  QualityGate,
  SpotTraining,
  TrainingJobArgs,
  TrainingJobNodes,
} from "./training-job/arguments";
export type { VpcPlacement } from "./support/vpc";
export type { Capacity } from "../lib/capacity";
export type {
  InputColumn,
  JsonAnswer,
  KnownRequest,
  LabelAnswer,
  ModelCheck,
  ModelRequest,
  NumberAnswer,
  PassedThroughRequest,
  RowsRequest,
  SaneAnswer,
  VectorAnswer,
} from "../lib/model-format";
export type { TrafficShift } from "../lib/traffic-shift";

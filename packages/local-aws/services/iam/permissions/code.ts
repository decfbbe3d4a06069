import { action, askJson, given, local, named, on, passing, passRole, whenGiven, type Call, type Rules } from "./call";

const application = named("application:{applicationName}");
const group = named("deploymentgroup:{applicationName}/{deploymentGroupName}");
const newGroup = named("deploymentgroup:{applicationName}/{newDeploymentGroupName}");
const config = named("deploymentconfig:{deploymentConfigName}");

/** The deployment group of each deployment that the call is about, which only CodeDeploy knows. */
async function groupOfDeployment(call: Call): Promise<readonly string[]> {
  const one = call.input.text("deploymentId");
  const ids = one === "" ? call.input.texts("deploymentIds") : [one];
  return Promise.all(
    ids.map(async (deploymentId) => {
      const found = await askJson(call.door, "codedeploy", "CodeDeploy_20141006.GetDeployment", { deploymentId });
      const info = found.at("deploymentInfo");
      const name = `${info.text("applicationName") || "*"}/${info.text("deploymentGroupName") || "*"}`;
      return local(call, `deploymentgroup:${name}`);
    }),
  );
}

/**
 * The group of a deployment, and no resource in particular. CodeDeploy's user guide names the group for these operations. AWS's
 * authorization data, by which IAM decides, names none. A policy that holds under both holds on AWS.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodedeploy.html
 */
const groupAndNone = async (call: Call) => [...(await groupOfDeployment(call)), "*"];

/**
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/auth-and-access-control-permissions-reference.html
 *
 * A deployment needs its configuration and its revision too, as that page's footnote says.
 */
export const CODEDEPLOY: Rules = {
  CreateApplication: on(application, whenGiven("tags", action(application, "codedeploy:TagResource"))),
  GetApplication: on(application),
  UpdateApplication: on((call) => [
    application(call),
    ...(call.input.has("newApplicationName") ? [named("application:{newApplicationName}")(call)] : []),
  ]),
  DeleteApplication: on(application),
  ListApplications: on(),
  BatchGetApplications: on((call) =>
    call.input.texts("applicationNames").map((name) => local(call, `application:${name}`)),
  ),
  CreateDeploymentConfig: on(config),
  GetDeploymentConfig: on(config),
  DeleteDeploymentConfig: on(config),
  ListDeploymentConfigs: on(),
  CreateDeploymentGroup: on(
    group,
    passRole("serviceRoleArn", "codedeploy.amazonaws.com"),
    whenGiven("tags", action(group, "codedeploy:TagResource")),
  ),
  GetDeploymentGroup: on(group),
  UpdateDeploymentGroup: on(
    (call) => [
      named("deploymentgroup:{applicationName}/{currentDeploymentGroupName}")(call),
      ...(call.input.has("newDeploymentGroupName") ? [newGroup(call)] : []),
    ],
    passRole("serviceRoleArn", "codedeploy.amazonaws.com"),
  ),
  DeleteDeploymentGroup: on(group),
  ListDeploymentGroups: on(application),
  BatchGetDeploymentGroups: on((call) =>
    call.input
      .texts("deploymentGroupNames")
      .map((name) => local(call, `deploymentgroup:${call.input.text("applicationName")}/${name}`)),
  ),
  CreateDeployment: on(
    group,
    async (call) => [
      { action: "codedeploy:GetDeploymentConfig", resource: local(call, `deploymentconfig:${await configName(call)}`) },
    ],
    action(application, "codedeploy:RegisterApplicationRevision"),
  ),
  GetDeployment: on(groupOfDeployment),
  BatchGetDeployments: on(groupOfDeployment),
  StopDeployment: on(groupAndNone),
  GetDeploymentTarget: on(groupAndNone),
  ListDeploymentTargets: on(groupAndNone),
  BatchGetDeploymentTargets: on(groupAndNone),
  PutLifecycleEventHookExecutionStatus: on(groupAndNone),
  ListDeployments: on(group),
  TagResource: on(given("ResourceArn")),
  UntagResource: on(given("ResourceArn")),
  ListTagsForResource: on(given("ResourceArn")),
};

async function configName({ input, door }: Call): Promise<string> {
  if (input.has("deploymentConfigName")) {
    return input.text("deploymentConfigName");
  }
  const asked = {
    applicationName: input.text("applicationName"),
    deploymentGroupName: input.text("deploymentGroupName"),
  };
  const found = await askJson(door, "codedeploy", "CodeDeploy_20141006.GetDeploymentGroup", asked);
  return found.at("deploymentGroupInfo").text("deploymentConfigName") || "*";
}

const pipelineOf = (member: string) => named(`{${member}}`);
const pipeline = pipelineOf("name");
const stage = named("{pipelineName}/{stageName}");

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodepipeline.html */
export const CODEPIPELINE: Rules = {
  CreatePipeline: on(
    definedPipeline,
    pipelineRole,
    whenGiven("tags", action(definedPipeline, "codepipeline:TagResource")),
  ),
  UpdatePipeline: on(definedPipeline, pipelineRole),
  GetPipeline: on(pipeline),
  GetPipelineState: on(pipeline),
  DeletePipeline: on(pipeline),
  ListPipelines: on((call) => local(call, "*")),
  StartPipelineExecution: on(pipeline),
  StopPipelineExecution: on(pipelineOf("pipelineName")),
  GetPipelineExecution: on(pipelineOf("pipelineName")),
  ListPipelineExecutions: on(pipelineOf("pipelineName")),
  ListActionExecutions: on(pipelineOf("pipelineName")),
  RetryStageExecution: on(stage),
  RollbackStage: on(stage),
  EnableStageTransition: on(stage),
  DisableStageTransition: on(stage),
  PutApprovalResult: on(named("{pipelineName}/{stageName}/{actionName}")),
  TagResource: on(given("resourceArn")),
  UntagResource: on(given("resourceArn")),
  ListTagsForResource: on(given("resourceArn")),
};

function definedPipeline(call: Call): string {
  return local(call, call.input.at("pipeline").text("name"));
}

/** The pipeline's own role, and those of its actions. */
function pipelineRole({ input }: Call) {
  const definition = input.at("pipeline");
  const ofActions = definition
    .items("stages")
    .flatMap((each) => each.items("actions"))
    .map((each) => each.text("roleArn"));
  const roles = new Set([definition.text("roleArn"), ...ofActions].filter((role) => role !== ""));
  return [...roles].map((role) => passing(role, "codepipeline.amazonaws.com"));
}

const project = named("project/{name}");
const projectRole = passRole("serviceRole", "codebuild.amazonaws.com");
const ofBuilds = (ids: readonly string[], call: Call) =>
  ids.map((id) => local(call, `project/${id.replace(/^arn:.*:build\//, "").split(":")[0] ?? ""}`));

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodebuild.html */
export const CODEBUILD: Rules = {
  CreateProject: on(project, projectRole),
  UpdateProject: on(project, projectRole),
  DeleteProject: on(project),
  ListProjects: on(),
  BatchGetProjects: on((call) =>
    call.input.texts("names").map((name) => (name.startsWith("arn:") ? name : local(call, `project/${name}`))),
  ),
  StartBuild: on(named("project/{projectName}")),
  RetryBuild: on((call) => ofBuilds([call.input.text("id")], call)),
  StopBuild: on((call) => ofBuilds([call.input.text("id")], call)),
  BatchGetBuilds: on((call) => ofBuilds(call.input.texts("ids"), call)),
  ListBuilds: on(),
  ListBuildsForProject: on(named("project/{projectName}")),
};

const repository = named("{repositoryName}");

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodecommit.html */
export const CODECOMMIT: Rules = Object.fromEntries(
  ["GetBranch", "GetCommit", "GetRepository", "CreateCommit", "GetFile", "GetFolder", "ListBranches"].map(
    (operation) => [operation, on(repository)] as const,
  ),
);

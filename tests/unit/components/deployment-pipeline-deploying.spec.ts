import { expect } from "chai";
import {
  actionNames,
  AT,
  boundaryOf,
  BUCKET_ARN,
  list,
  made,
  policy,
  reads,
  resourcesFor,
  type Made,
} from "../../support/deployment-pipeline";

const LOG_ROLE = "arn:aws:iam::123456789012:role/mlops-api-gateway-logs";
const ONLY_FOR_LOGS = {
  ArnEqualsIfExists: { "iam:PolicyARN": "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs" },
  StringEqualsIfExists: { "iam:PassedToService": "apigateway.amazonaws.com" },
};

describe("roles of DeploymentPipeline that deploy", () => {
  let connected: Made;
  before(async () => {
    connected = await made({ pullRequests: true });
  });

  it("hand on roles of their own stack and API Gateway's only, and only to the services that need them", () => {
    const passed = Object.fromEntries(
      ["train-role", "dev-role", "prod-role"].map((role) => {
        const statements = policy(connected, role).filter(({ Action }) => list(Action).includes("iam:PassRole"));
        return [role, statements.map(({ Resource, Condition }) => [Resource, Condition])];
      }),
    );

    const to = (stack: string, ...services: string[]) => [
      [
        `arn:aws:iam::123456789012:role/mlops-nyctaxi/${stack}/*`,
        { StringEquals: { "iam:PassedToService": services.map((service) => `${service}.amazonaws.com`) } },
      ],
    ];
    expect(passed).to.deep.equal({
      "train-role": to("train", "sagemaker"),
      "dev-role": to("dev", "sagemaker"),
      "prod-role": [...to("prod", "sagemaker", "lambda", "codedeploy"), [LOG_ROLE, ONLY_FOR_LOGS]],
    });
    for (const role of ["role", "events-role", "build-role", "pull-request-role", "pull-request-check-role"]) {
      expect(
        actionNames(policy(connected, role)).filter((action) => action.startsWith("iam:") && !reads(action)),
      ).to.deep.equal([]);
    }
  });

  it("make and change roles below their own stack's path only, where none of another stack's or the pipeline's is, and API Gateway's", () => {
    for (const stack of ["train", "dev", "prod"]) {
      const changing = policy(connected, `${stack}-role`).filter(({ Action }) =>
        list(Action).some((action) => action.startsWith("iam:") && action !== "iam:CreateServiceLinkedRole"),
      );
      expect(new Set(changing.flatMap(({ Resource }) => list(Resource)))).to.deep.equal(
        new Set([`arn:aws:iam::123456789012:role/mlops-nyctaxi/${stack}/*`, ...(stack === "prod" ? [LOG_ROLE] : [])]),
      );
    }
    const own = connected.made.filter(({ type }) => type === "aws:iam/role:Role");
    expect(own.map(({ inputs }) => inputs.path)).to.deep.equal(own.map(() => undefined));
  });

  it("attach no policy to roles, but AWS's own to that with which API Gateway writes logs", () => {
    const attaching = ["train", "dev", "prod"].map((stack) =>
      policy(connected, `${stack}-role`).filter(({ Action }) => list(Action).includes("iam:AttachRolePolicy")),
    );
    const conditions = attaching.map((statements) =>
      statements.map(({ Resource, Condition }) => [Resource, Condition]),
    );
    expect(conditions).to.deep.equal([[], [], [[LOG_ROLE, ONLY_FOR_LOGS]]]);
  });

  it("change nothing of that role once it is there", () => {
    const actions = policy(connected, "prod-role")
      .filter(({ Resource }) => list(Resource).includes(LOG_ROLE))
      .flatMap(({ Action }) => list(Action));
    expect(actions).to.have.members(["iam:CreateRole", "iam:TagRole", "iam:AttachRolePolicy", "iam:PassRole"]);
  });

  for (const stack of ["train", "dev", "prod"]) {
    it(`of ${stack} write the state of ${stack} alone, read the others', and leave no artifact but their note`, () => {
      const statements = policy(connected, `${stack}-role`);
      const notOfModel = (action: string) =>
        resourcesFor(statements, action).filter((resource) => !resource.startsWith("arn:aws:s3:::models/"));
      const inState = (path: string) => `arn:aws:s3:::state/pulumi/.pulumi/${path}`;
      const own = [`stacks/safe/${stack}.*`, `*/safe/${stack}/*`].map(inState);
      const note = `${BUCKET_ARN}/mlops-nyctaxi-pipeline/deployments/${stack}.json`;

      expect(notOfModel("s3:PutObject")).to.have.members([...own, note]);
      expect(notOfModel("s3:DeleteObject")).to.have.members([...own, note]);
      expect(notOfModel("s3:GetObject")).to.include.members([
        ...["meta.yaml", "stacks/safe/train.*", "stacks/safe/dev.*", "stacks/safe/prod.*"].map(inState),
        ...own,
        note,
      ]);
      expect(resourcesFor(statements, "s3:ListBucket")).to.include("arn:aws:s3:::state");
      expect(resourcesFor(statements, "codebuild:BatchGetBuilds")).to.deep.equal([
        `arn:aws:codebuild:${AT}:project/mlops-nyctaxi-pipeline-${stack}`,
      ]);
      expect(actionNames(statements).filter((action) => action.startsWith("codepipeline:"))).to.deep.equal([]);
    });

    it(`of ${stack} make no role of the stack and give none a policy of its own without the boundary of ${stack}`, () => {
      const statements = policy(connected, `${stack}-role`);
      const bounded = statements.filter(({ Condition }) =>
        JSON.stringify(Condition ?? {}).includes("iam:PermissionsBoundary"),
      );
      const making = ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"];

      expect(bounded.map(({ Condition }) => Condition)).to.deep.equal([
        { StringEquals: { "iam:PermissionsBoundary": boundaryOf(stack) } },
      ]);
      expect(actionNames(bounded)).to.deep.equal(making);
      const others = statements.filter((one) => !bounded.includes(one) && !list(one.Resource).includes(LOG_ROLE));
      const unbounded = actionNames(others);
      for (const action of [...making, "iam:DeleteRolePermissionsBoundary", "iam:CreatePolicyVersion"]) {
        expect(unbounded).not.to.include(action);
      }
    });
  }

  it("of train read what the live release's training has measured", () => {
    expect(resourcesFor(policy(connected, "train-role"), "sagemaker:DescribeTrainingJob")).to.include(
      `arn:aws:sagemaker:${AT}:training-job/mlops-nyctaxi-*`,
    );
  });

  it("reach endpoints of their own stage only", () => {
    const names = (role: string) =>
      resourcesFor(policy(connected, role), "sagemaker:CreateEndpoint").filter((one) => one.includes(":endpoint"));

    expect(names("train-role")).to.deep.equal([]);
    expect(names("dev-role")).to.deep.equal([`arn:aws:sagemaker:${AT}:endpoint*/mlops-nyctaxi-dev-*`]);
    expect(names("prod-role")).to.deep.equal([`arn:aws:sagemaker:${AT}:endpoint*/mlops-nyctaxi-prd-*`]);
  });
});

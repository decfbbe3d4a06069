import { expect } from "chai";
import { ApiGatewayLogRole } from "../../../components/api-gateway-log-role";
import { record } from "../../support/recorder";

describe("ApiGatewayLogRole", () => {
  it("names the one role of the account and AWS's policy for it, in the partition that it is in", async () => {
    const place = { region: "us-gov-west-1", partition: "aws-us-gov" };
    const { find, made } = await record(() => new ApiGatewayLogRole("logs", { tags: { team: "ml" } }), place);

    expect(find("pulumi-nodejs:dynamic/sagemaker-safe-deploy:ApiGatewayAccount").inputs).to.deep.include({
      roleArn: "arn:aws-us-gov:iam::123456789012:role/mlops-api-gateway-logs",
      policyArn: "arn:aws-us-gov:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
      tags: { team: "ml" },
    });
    // A role of Pulumi's would be a new one after each destroy and up, since the one before stays.
    expect(made.filter(({ type }) => type.startsWith("aws:iam/"))).to.deep.equal([]);
  });

  it("refuses an argument that it does not know", async () => {
    const problem = await record(() => new ApiGatewayLogRole("logs", { tags: {}, ...{ tag: {} } })).catch(String);

    expect(problem).to.equal("Error: tag is not an argument: did you mean tags?");
  });
});

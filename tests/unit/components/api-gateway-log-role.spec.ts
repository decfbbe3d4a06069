import { expect } from "chai";
import { ApiGatewayLogRole } from "../../../components/api-gateway-log-role";
import { record } from "../../support/recorder";

describe("ApiGatewayLogRole", () => {
  it("lets a program change the role and its policy, and gives access to its children", async () => {
    const { find, result } = await record(
      () => new ApiGatewayLogRole("logs", { transform: { role: { path: "/logs/" }, policy: { name: "write" } } }),
    );

    expect(find("aws:iam/role:Role").inputs.path).to.equal("/logs/");
    expect(find("aws:iam/rolePolicy:RolePolicy").inputs.name).to.equal("write");
    expect(result.nodes).to.have.all.keys("role", "policy", "account");
  });

  it("refuses an argument that it does not know", async () => {
    const problem = await record(() => new ApiGatewayLogRole("logs", { tags: {}, ...{ tag: {} } })).catch(String);

    expect(problem).to.equal("Error: tag is not an argument: did you mean tags?");
  });
});

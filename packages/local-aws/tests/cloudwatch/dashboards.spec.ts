import { PutDashboardCommand } from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import { failure, Fixture } from "./fixture";

describe("a CloudWatch dashboard", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start();
  });
  afterEach(() => fixture.close());

  it("is refused where its body is no JSON or has no widgets, saying where", async () => {
    const put = (DashboardBody: string) =>
      fixture.client.send(new PutDashboardCommand({ DashboardName: "d", DashboardBody }));
    expect(await failure(put("{"))).to.contain("DashboardInvalidInputError");
    expect(await failure(put('{"widgets":[{"type":"text"}]}'))).to.contain("/widgets/0/properties");
  });
});

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import { serviceModelConstraints, type Constraints } from "../../core/constraints";
import { readServiceModels } from "../../core/service-models";
import { testPython } from "pulumi-engine/testing/python";

describe("the constraints of AWS's service models", function () {
  this.timeout(30_000);
  let constraints: Constraints;

  before(() => {
    const printed = execFileSync(testPython(), ["-c", "import botocore; print(botocore.__path__[0])"]);
    constraints = serviceModelConstraints(readServiceModels(join(printed.toString().trim(), "data")));
  });

  const violations = (operation: string, input: unknown, service = "sagemaker") =>
    constraints.violations(service, operation, input);
  const failed = (value: string, at: string, rule: string) =>
    `Value '${value}' at '${at}' failed to satisfy constraint: Member must ${rule}`;

  it("find nothing wrong with what AWS takes, nor with what they do not know", () => {
    const input = { ExperimentName: "mlops-nyctaxi", DisplayName: "nyctaxi", Tags: [{ Key: "a", Value: "" }] };
    expect(violations("CreateExperiment", input)).to.deep.equal([]);
    expect(violations("CreateExperiment", { ExperimentName: undefined, Unknown: 1 })).to.deep.equal([]);
    expect(violations("NoSuchOperation", { ExperimentName: "-" })).to.deep.equal([]);
  });

  it("want a pattern to match the whole value", () => {
    const pattern = "satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,119}";
    for (const name of ["a_b", "-a", "a\n", "a b"]) {
      expect(violations("DescribeExperiment", { ExperimentName: name })).to.deep.equal([
        failed(name, "experimentName", pattern),
      ]);
    }
  });

  it("read Java's classes of characters", () => {
    const policy = (Policy: unknown) => violations("PutScalingPolicy", Policy, "application-autoscaling");
    expect(policy({ PolicyName: "with space" })).to.deep.equal([]);
    expect(policy({ PolicyName: "tab\tin it" })).to.deep.equal([
      failed("tab\tin it", "policyName", "satisfy regular expression pattern: \\p{Print}+"),
    ]);
    // Its anchors, and a class within a class.
    const asked = (InferenceId: string) => violations("InvokeEndpoint", { InferenceId }, "sagemaker-runtime");
    expect(asked("safe-deploy-probe-1")).to.deep.equal([]);
    expect(asked(" begins with a blank")).to.have.length(1);
    // Unicode's own classes.
    const tag = (Key: string) => violations("AddTags", { Tags: [{ Key, Value: "" }] });
    expect(tag("Besitzer für 東京")).to.deep.equal([]);
    expect(tag("a#b")).to.have.length(1);
  });

  it("limit lengths of texts and lists", () => {
    expect(violations("DescribeExperiment", { ExperimentName: "" })).to.include(
      failed("", "experimentName", "have length greater than or equal to 1"),
    );
    expect(violations("DescribeExperiment", { ExperimentName: "a".repeat(121) })).to.include(
      failed("a".repeat(121), "experimentName", "have length less than or equal to 120"),
    );
    const [violation] = violations("CreateEndpointConfig", { ProductionVariants: [] });
    expect(violation).to.equal(failed("[]", "productionVariants", "have length greater than or equal to 1"));
  });

  it("limit numbers at both ends, the limits allowed", () => {
    const page = (MaxResults: number) => violations("ListTrainingJobs", { MaxResults });
    expect(page(1)).to.deep.equal([]);
    expect(page(100)).to.deep.equal([]);
    expect(page(0)).to.deep.equal([failed("0", "maxResults", "have value greater than or equal to 1")]);
    expect(page(101)).to.deep.equal([failed("101", "maxResults", "have value less than or equal to 100")]);
  });

  it("know the values of enumerations", () => {
    expect(violations("ListTrainingJobs", { SortOrder: "Ascending" })).to.deep.equal([]);
    expect(violations("ListTrainingJobs", { SortOrder: "Upwards" })).to.deep.equal([
      failed("Upwards", "sortOrder", "satisfy enum value set: [Ascending, Descending]"),
    ]);
  });

  it("reach into lists of structures, and tell every place", () => {
    const channel = (ChannelName: string, S3DataType: string) => ({
      ChannelName,
      DataSource: { S3DataSource: { S3DataType, S3Uri: "s3://bucket/data" } },
    });
    const found = violations("CreateTrainingJob", {
      InputDataConfig: [channel("train", "S3Prefix"), channel("a b", "Folder")],
    });
    expect(found).to.have.length(2);
    expect(found[0]).to.match(/^Value 'a b' at 'inputDataConfig\.2\.member\.channelName' failed .* pattern: /);
    expect(found[1]).to.match(
      /^Value 'Folder' at 'inputDataConfig\.2\.member\.dataSource\.s3DataSource\.s3DataType' failed .* enum value set: /,
    );
  });

  it("reach the keys and values of maps, and their size", () => {
    const job = (HyperParameters: Record<string, string>) => violations("CreateTrainingJob", { HyperParameters });
    expect(job({ max_depth: "3" })).to.deep.equal([]);
    expect(job({ max_depth: "3".repeat(2501) })).to.deep.equal([
      failed("3".repeat(2501), "hyperParameters.max_depth.member", "have length less than or equal to 2500"),
    ]);
    const long = "k".repeat(257);
    expect(job({ [long]: "3" })).to.deep.equal([
      `Value '{"${long}":"3"}' at 'hyperParameters' failed to satisfy constraint: ` +
        "Map keys must satisfy constraint: [Member must have length less than or equal to 256]",
    ]);
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`k${i}`, "v"]));
    expect(job(many)).to.deep.equal([
      failed(JSON.stringify(many), "hyperParameters", "have length less than or equal to 100"),
    ]);
  });

  it("leave dates and bytes alone", () => {
    expect(violations("ListTrainingJobs", { CreationTimeAfter: new Date() })).to.deep.equal([]);
    expect(violations("Invoke", { Payload: Buffer.from("x") }, "lambda")).to.deep.equal([]);
  });

  it("fail for a service that botocore has no model of", () => {
    expect(() => violations("Any", {}, "no-such-service")).to.throw("ENOENT");
  });
});

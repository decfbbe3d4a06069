import { expect } from "chai";
import { ModelBaseline, type ModelBaselineArgs } from "../../../components/model-baseline";
import { record, valueOf } from "../../support/recorder";

const ARGS = { sourceUri: "s3://models/monitoring/baseline/r1", destinationUri: "s3://models/deployed/r1/baseline" };

describe("ModelBaseline", () => {
  const made = (more: Partial<ModelBaselineArgs> = {}) =>
    record(() => new ModelBaseline("baseline", { ...ARGS, ...more }));

  it("is a copy of each file, of the approved ones and under the key", async () => {
    const [statistics, constraints] = ["a".repeat(64), "b".repeat(64)];
    const kmsKeyArn = "arn:aws:kms:us-east-1:123456789012:key/k";
    const { result, made: children } = await made({ approvedSha256: { statistics, constraints }, kmsKeyArn });

    const copies = children.filter(({ type }) => type.endsWith(":BaselineFileCopy"));
    expect(
      copies.map(({ name, inputs: { sourceUri, destinationUri, approvedSha256, kmsKeyArn: key } }) => [
        ...[name, sourceUri, destinationUri, approvedSha256, key],
      ]),
    ).to.have.deep.members(
      Object.entries({ statistics, constraints }).map(([file, digest]) => [
        ...[
          `baseline-${file}`,
          `${ARGS.sourceUri}/${file}.json`,
          `${ARGS.destinationUri}/${file}.json`,
          digest,
          kmsKeyArn,
        ],
      ]),
    );
    expect(Object.keys(result.nodes)).to.deep.equal(["statistics", "constraints"]);
  });

  it("tells where it is", async () => {
    const { result } = await made();

    expect(await valueOf(result.baselineUri)).to.equal(ARGS.destinationUri);
  });

  it("does not take arguments that it does not know", async () => {
    const wrong: object = { sha256: "a".repeat(64) };

    expect(await made(wrong).then(() => "none", String)).to.contain("sha256 is not an argument");
  });
});

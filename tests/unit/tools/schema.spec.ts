import { expect } from "chai";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { schemaOf } from "../../../tools/schema/schema";

interface Schema {
  readonly types: Record<string, { properties: Record<string, unknown>; required: string[] }>;
  readonly resources: Record<string, Record<string, unknown>>;
}

describe("the schema of the plugin", () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "schema-"));
  });
  afterEach(() => rm(root, { recursive: true }));

  /** The schema of a component `Job` whose module has these lines. */
  async function schemaWith(...lines: readonly string[]): Promise<Schema> {
    const files = {
      "plugin/components.ts": 'import { Job } from "../components/job";\nconst COMPONENTS = { Job };\n',
      "components/job.ts": ['import * as pulumi from "@pulumi/pulumi";', ...lines].join("\n"),
    };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    return schemaOf(root, "1.2.3") as Schema;
  }

  const COMPONENT = [
    "/** A job. */",
    "export class Job extends pulumi.ComponentResource {",
    "  /** Its ARN. */",
    "  readonly arn: pulumi.Output<string>;",
    "  private readonly hidden: pulumi.Output<string>;",
    "  constructor(name: string, args: Args, opts?: pulumi.ComponentResourceOptions) {}",
    "}",
  ];

  it("has a component's outputs, and its arguments with those that it inherits", async () => {
    const { resources } = await schemaWith(
      ...COMPONENT,
      "interface Common {",
      "  /** Seconds. @default 120 */",
      "  readonly pollSeconds?: number;",
      "  readonly transform?: () => void;",
      "}",
      "interface Args extends Common {",
      "  /** Its image. */",
      "  readonly image: pulumi.Input<string>;",
      "  /** Its name. */",
      "  readonly name: string;",
      "}",
    );

    expect(resources["sagemaker-safe-deploy:index:Job"]).to.deep.equal({
      isComponent: true,
      description: "A job.",
      properties: { arn: { description: "Its ARN.", type: "string" } },
      required: ["arn"],
      inputProperties: {
        image: { description: "Its image.", type: "string" },
        name: { description: "Its name.", type: "string", plain: true },
        pollSeconds: { description: "Seconds. Default: 120.", type: "number", plain: true },
      },
      requiredInputs: ["image", "name"],
    });
  });

  it("gives names to what has none in TypeScript, and keeps readonly lists, records and unions", async () => {
    const { resources, types } = await schemaWith(
      ...COMPONENT,
      'type Mode = "fast" | "slow";',
      "interface Channel { readonly uri: pulumi.Input<string> }",
      "interface Args {",
      "  readonly channels: readonly Channel[];",
      "  readonly mode: Mode;",
      "  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;",
      "  readonly serve: { readonly instanceType: string } | { readonly memorySizeMB: number } | undefined;",
      "  readonly names: pulumi.Input<readonly string[]>;",
      "}",
    );

    const ref = (name: string) => ({ $ref: `#/types/sagemaker-safe-deploy:index:${name}` });
    const inputs = resources["sagemaker-safe-deploy:index:Job"]?.inputProperties as Record<string, object>;
    expect(inputs.channels).to.deep.include({ type: "array", items: { ...ref("Channel"), plain: true }, plain: true });
    expect(inputs.mode).to.deep.include({ type: "string" });
    expect(inputs.tags).to.deep.include({ type: "object", additionalProperties: { type: "string" } });
    expect(inputs.serve).to.deep.include({ oneOf: [ref("JobServeInstanceType"), ref("JobServeMemorySizeMB")] });
    expect(inputs.names).to.deep.include({ type: "array", items: { type: "string", plain: true } });
    expect(types["sagemaker-safe-deploy:index:Channel"]).to.deep.include({ required: ["uri"] });
    expect(Object.keys(types)).to.have.length(3);
  });

  it("refuses what no other language can have, and names it", async () => {
    const args = "interface Args { readonly handler: () => void }";
    const error = await schemaWith(...COMPONENT, args).catch((thrown: unknown) => thrown);
    expect(String(error)).to.contain("JobHandler: () => void has no counterpart in other languages");

    const other = "interface Args { readonly role: aws.iam.Role }";
    const foreign = await schemaWith(...COMPONENT, other).catch((thrown: unknown) => thrown);
    expect(String(foreign)).to.contain("JobRole: aws.iam.Role is of another package");
  });

  it("has the package's own components, every argument with what it is for", () => {
    const { resources } = schemaOf(resolve(__dirname, "../../.."), "1.2.3") as Schema;

    const job = resources["sagemaker-safe-deploy:index:TrainingJob"];
    expect(job?.requiredInputs).to.include.members(["jobName", "trainingImage", "channels"]);
    const described = Object.values(job?.inputProperties as Record<string, { description: string }>);
    expect(described.filter(({ description }) => description === "")).to.deep.equal([]);
  }).timeout(60_000);
});

import { expect } from "chai";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { ARGUMENTS } from "../../../components/safe-model/arguments";
import { schemaOf } from "../../../tools/schema/schema";

interface Schema {
  readonly types: Record<string, { properties: Record<string, unknown>; required: string[]; enum?: unknown }>;
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
    expect(inputs.mode).to.deep.include({ ...ref("Mode"), plain: true });
    expect(inputs.tags).to.deep.include({ type: "object", additionalProperties: { type: "string" } });
    expect(inputs.serve).to.deep.include({ ...ref("JobServe"), plain: true });
    expect(inputs.names).to.deep.include({ type: "array", items: { type: "string", plain: true } });
    expect(types["sagemaker-safe-deploy:index:Channel"]).to.deep.include({ required: ["uri"] });
    expect(types["sagemaker-safe-deploy:index:Mode"]?.enum).to.deep.equal([{ value: "fast" }, { value: "slow" }]);
    expect(types["sagemaker-safe-deploy:index:JobServe"]).to.deep.include({ required: [] });
    expect(Object.keys(types)).to.have.length(3);
  });

  it("makes one object of several, whose members say what each takes", async () => {
    const { resources, types } = await schemaWith(
      ...COMPONENT,
      "/** What is sane. */",
      "type Answer = { readonly type: 'label'; readonly labels?: readonly string[] } | NumberAnswer;",
      "interface NumberAnswer {",
      "  readonly type: 'number';",
      "  /** Least. @default - any */",
      "  readonly minimum?: number;",
      "}",
      "type Step = ({ readonly kind: 'all' } | { readonly kind: 'part'; readonly percent: number }) & { readonly wait?: number };",
      "interface Args { readonly accept: Answer; readonly step?: Step; readonly front: Step | 'none' }",
    );

    const token = (name: string) => `sagemaker-safe-deploy:index:${name}`;
    expect(types[token("Answer")]).to.deep.equal({
      type: "object",
      description: "What is sane.",
      properties: {
        type: { description: "", $ref: `#/types/${token("AnswerType")}`, plain: true },
        labels: { description: "", type: "array", items: { type: "string", plain: true }, plain: true },
        minimum: { description: "Least. Default: any.", type: "number", plain: true },
      },
      required: ["type"],
    });
    expect(types[token("AnswerType")]?.enum).to.deep.equal([{ value: "label" }, { value: "number" }]);
    expect(types[token("Step")]).to.deep.include({ required: ["kind"] });
    expect(types[token("Step")]?.properties).to.have.all.keys("kind", "percent", "wait");
    const inputs = resources[token("Job")]?.inputProperties as Record<string, object>;
    expect(inputs.front).to.deep.include({ oneOf: [{ $ref: `#/types/${token("Step")}` }, { type: "string" }] });
  });

  it("follows a member of another type, a choice of members, and what a parameter stands for", async () => {
    const { resources, types } = await schemaWith(
      ...COMPONENT,
      "interface Api extends Knobs { readonly hook?: pulumi.Input<string>; readonly memory?: number; readonly release: string }",
      "interface Knobs<Name = string> { readonly alarms?: readonly Name[] }",
      "interface More<Name> extends Knobs<Name> { readonly topic?: Name }",
      "interface Args {",
      '  readonly hook: Api["hook"];',
      '  readonly function?: Omit<Api, "hook" | "alarms">;',
      "  readonly rollout?: More<pulumi.Input<string>>;",
      "  readonly code: string | pulumi.asset.Archive;",
      "  readonly bodies: readonly Readonly<Record<string, unknown>>[];",
      "  readonly limit?: number | false;",
      "}",
    );

    const inputs = resources["sagemaker-safe-deploy:index:Job"]?.inputProperties as Record<string, object>;
    expect(inputs.hook).to.deep.equal({ description: "", type: "string" });
    expect(types["sagemaker-safe-deploy:index:JobFunction"]).to.deep.include({ required: ["release"] });
    expect(types["sagemaker-safe-deploy:index:JobFunction"]?.properties).to.have.all.keys("memory", "release");
    expect(types["sagemaker-safe-deploy:index:More"]?.properties).to.deep.equal({
      topic: { description: "", type: "string" },
      alarms: { description: "", type: "array", items: { type: "string" }, plain: true },
    });
    expect(inputs.code).to.deep.include({ oneOf: [{ type: "string" }, { $ref: "pulumi.json#/Archive" }] });
    expect(inputs.bodies).to.deep.include({
      items: { type: "object", additionalProperties: { $ref: "pulumi.json#/Any", plain: true }, plain: true },
    });
    expect(inputs.limit).to.deep.include({ oneOf: [{ type: "number" }, { type: "boolean" }] });
  });

  it("refuses two types of one name", async () => {
    const args = "interface Args { readonly mode: Mode<string>; readonly other: Mode<number> }";
    const error = await schemaWith(...COMPONENT, "interface Mode<T> { readonly of: T }", args).catch(
      (thrown: unknown) => thrown,
    );
    expect(String(error)).to.contain("Mode is the name of two types, which other languages cannot tell apart");
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

    const [model, job] = ["SafeModel", "TrainingJob"].map((name) => resources[`sagemaker-safe-deploy:index:${name}`]);
    expect(job?.requiredInputs).to.include.members(["jobName", "trainingImage", "channels"]);
    expect(model?.requiredInputs).to.deep.equal(["release", "serve", "check"]);
    expect(model?.inputProperties).to.have.all.keys(Object.keys(ARGUMENTS).filter((name) => name !== "transform"));
    expect(model?.required).to.include("url").and.not.include("apiKey");
    for (const component of [model, job]) {
      const described = Object.values(component?.inputProperties as Record<string, { description: string }>);
      expect(described.filter(({ description }) => description === "")).to.deep.equal([]);
    }
  }).timeout(60_000);
});

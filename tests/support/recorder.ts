import * as pulumi from "@pulumi/pulumi";

/** A resource as a program registered it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Every resource that a program registered, in order, and what it returned. */
export interface Recording<T> {
  readonly result: T;
  readonly made: readonly Registered[];
  /** The one resource of this type whose name ends as given. */
  readonly find: (type: string, nameEnd?: string) => Registered;
}

/**
 * Runs a program against a fake engine. Proves which resources with which inputs are declared; not that AWS accepts them, nor parents,
 * aliases or protection: those are proved on the real engine.
 */
export async function record<T>(program: () => T | Promise<T>, place = USUAL_PLACE): Promise<Recording<T>> {
  const made: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource(args) {
        made.push(args);
        const inputs = args.inputs as Record<string, unknown>;
        // Policies are made from an endpoint's ARN, which ends in its own name.
        const end = args.type === "aws:sagemaker/endpoint:Endpoint" ? `endpoint/${String(inputs.name)}` : args.name;
        const arn = `arn:${place.partition}:test:${place.region}:123456789012:${end}`;
        const state = { arn, name: args.name, ...inputs };
        return { id: `${args.name}-id`, state: { ...outputsIn(place)[args.type], ...state } };
      },
      call: ({ token, inputs }) => callsIn(place)[token] ?? (inputs as Record<string, unknown>),
    },
    "sagemaker-safe-deploy",
    "test",
  );
  const result = await withShortStacks(async () => {
    const returned = await program();
    await settled(made);
    return returned;
  });
  return {
    result,
    made,
    find(type, nameEnd = "") {
      const [found, ...others] = made.filter((one) => one.type === type && one.name.endsWith(nameEnd));
      if (found === undefined || others.length > 0) {
        throw new Error(
          `${others.length + (found ? 1 : 0)} resources of ${type} end with "${nameEnd}"; made: ${made.map((m) => `${m.type} ${m.name}`).join(", ")}`,
        );
      }
      return found;
    },
  };
}

/** The value of an output, as a promise; rejects if the output does. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return (output as unknown as { readonly promise: () => Promise<T> }).promise();
}

/**
 * Pulumi asks for a stack with every promise. As mocha wants them, whole and with the lines of the sources, they would take two thirds of a
 * test's time.
 */
async function withShortStacks<T>(work: () => Promise<T>): Promise<T> {
  const { stackTraceLimit } = Error;
  const { sourceMapsEnabled } = process;
  Error.stackTraceLimit = 3;
  process.setSourceMapsEnabled(false);
  try {
    return await work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    process.setSourceMapsEnabled(sourceMapsEnabled);
  }
}

/** Registrations go on as outputs resolve: waits until no more come. */
async function settled(made: readonly unknown[]): Promise<void> {
  for (let before = -1; before !== made.length;) {
    before = made.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
    await pulumi.runtime.disconnect();
  }
}

const outputsIn = ({ partition, region }: Place): Readonly<Record<string, object>> => ({
  "aws:lambda/function:Function": {
    version: "7",
    invokeArn: `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/ARN/invocations`,
  },
  "aws:apigateway/stage:Stage": { invokeUrl: "https://abc.execute-api.us-east-1.amazonaws.com/Prod" },
  "aws:apigateway/restApi:RestApi": {
    executionArn: `arn:${partition}:execute-api:${region}:123456789012:abc`,
    rootResourceId: "root",
  },
  "aws:s3/bucket:Bucket": { bucket: "made-bucket" },
  "aws:synthetics/canary:Canary": {
    engineArn: `arn:${partition}:lambda:${region}:123456789012:function:cwsyn-mlops-nyctaxi-canary-0a1b:1`,
  },
  "pulumi-nodejs:dynamic/sagemaker-safe-deploy:LambdaRollout": {
    liveRelease: "r1",
    liveVersion: "7",
    deploymentId: "d-1",
    aliasArn: "arn:alias",
  },
});

/** Where a program runs. */
interface Place {
  readonly partition: string;
  readonly region: string;
}

const USUAL_PLACE: Place = { partition: "aws", region: "us-east-1" };

const callsIn = ({ partition, region }: Place): Readonly<Record<string, object>> => ({
  "aws:index/getPartition:getPartition": {
    ...{ partition, dnsSuffix: partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com" },
  },
  "aws:index/getRegion:getRegion": { region },
  "aws:index/getCallerIdentity:getCallerIdentity": { accountId: "123456789012" },
  "aws:synthetics/getRuntimeVersion:getRuntimeVersion": { versionName: "syn-nodejs-puppeteer-99.0" },
  "aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage": {
    registryPath: `683313688378.dkr.ecr.${region}.amazonaws.com/sagemaker-xgboost:1.7-1`,
  },
});

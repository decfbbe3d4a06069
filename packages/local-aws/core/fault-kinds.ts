import { z } from "zod";
import { AwsError } from "./aws-error";

/*
 * Each kind's description says what the fault does, and `GET /_local/faults/kinds` returns it. So people who order a fault by hand read the
 * same words as readers of this file. Durations are real seconds, since they delay real work.
 */

const endpoint = z.string().min(1).describe("Name of the endpoint.");
const afterInvocations = z
  .int()
  .min(0)
  .optional()
  .describe(
    "Requests of the endpoint, counted since it was created, that the fault still leaves alone: what the checks before the traffic send. Default 0.",
  );

const modelErrors = z
  .strictObject({
    kind: z.literal("model-errors"),
    endpoint,
    afterInvocations,
    everyNth: z
      .int()
      .min(1)
      .optional()
      .describe(
        "Only each n-th request, counted after those that are left alone: 50 makes 2 % of them fail. Default 1, every one.",
      ),
    aboveRequestsPerSecond: z
      .number()
      .min(0)
      .optional()
      .describe(
        "Only while the endpoint was sent more requests than this within the last second. Default: at any rate.",
      ),
    status: z
      .int()
      .min(400)
      .max(599)
      .optional()
      .describe("Status of the answer: 400 is a container that refuses the rows. Default 500."),
    sparedInferenceIds: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Requests whose InferenceId begins so are left alone and not counted: a client's own probes, say. Default: none is.",
      ),
  })
  .describe("The model's container answers an error.");

const modelSlow = z
  .strictObject({
    kind: z.literal("model-slow"),
    endpoint,
    delaySeconds: z
      .number()
      .min(0)
      .describe("Seconds that the container takes longer; from 60 on, SageMaker gives up on it, as on AWS."),
    afterInvocations,
  })
  .describe("The model's container takes its time.");

const modelPredictions = z
  .strictObject({
    kind: z.literal("model-predictions"),
    endpoint,
    answer: z.union([z.literal("nan"), z.number()]).describe('The prediction for every row; "nan" is not a number.'),
    afterInvocations,
  })
  .describe("The model's container answers in time and in form, but nonsense: the same prediction for every row.");

const containerUnhealthy = z
  .strictObject({ kind: z.literal("container-unhealthy"), endpoint })
  .describe(
    "The model's container never answers /ping, so that the endpoint fails to be created, or to be updated. One that is in service stays so.",
  );

const capturesLost = z
  .strictObject({ kind: z.literal("captures-lost"), endpoint })
  .describe("Nothing that the endpoint answers is captured any more; the endpoint's data-log says so.");

const jobFails = z
  .strictObject({
    kind: z.literal("job-fails"),
    jobName: z.string().min(1).describe("Name of the training or processing job."),
    reason: z
      .enum(["capacity", "internal-error"])
      .describe("Whether SageMaker finds no instances for it, or fails in a way of its own."),
  })
  .describe("A training or processing job fails before its container starts, through no fault of its own.");

const spotInterruption = z
  .strictObject({
    kind: z.literal("spot-interruption"),
    jobName: z.string().min(1).describe("Name of the training job, which must train on spot capacity."),
    afterSeconds: z.number().min(0).describe("Seconds that its container runs until then."),
  })
  .describe(
    "AWS takes back the capacity of a training job, once. The job starts anew, with what it has kept of its checkpoints.",
  );

const functionSilent = z
  .strictObject({
    kind: z.literal("function-silent"),
    functionName: z.string().min(1).describe("Name of the function."),
  })
  .describe(
    "Lambda accepts every call of the function and never runs it: an asynchronous one is lost, a synchronous one times out after the function's timeout.",
  );

const accountLimit = z
  .strictObject({
    kind: z.literal("account-limit"),
    quota: z
      .literal("codebuild-concurrent-builds")
      .describe("Which quota: builds of CodeBuild that run at once. A new account may have 0."),
    value: z.int().min(0).describe("How many the account may have."),
  })
  .describe("An account has a low quota, as new ones do: what goes beyond it is refused.");

const awsTrouble = z
  .strictObject({
    kind: z.literal("aws-trouble"),
    trouble: z
      .enum(["throttling", "server-errors", "dropped-connections", "expired-credentials", "mixed"])
      .describe(
        "What happens instead of an answer. A dropped connection is closed, half of them before and half after the service has acted; " +
          "mixed is any of throttling, server-errors and dropped-connections.",
      ),
    share: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe("Share of the requests, drawn at random. Default 1, every one."),
    services: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        'Signing names of the services, such as "sagemaker", "codedeploy", "monitoring" or "s3". Default: every one.',
      ),
    operation: z
      .string()
      .min(1)
      .optional()
      .describe(
        'The only operation that is struck, such as "StartPipelineExecution", of a service whose requests name it in a header. Default: every one.',
      ),
  })
  .describe(
    "AWS is in trouble: signed requests are not answered as they should be. Not those to the data plane (InvokeEndpoint, an API's own " +
      "callers), nor those that the local AWS sends itself.",
  );

const faultSchema = z.discriminatedUnion("kind", [
  modelErrors,
  modelSlow,
  modelPredictions,
  containerUnhealthy,
  capturesLost,
  jobFails,
  spotInterruption,
  functionSilent,
  accountLimit,
  awsTrouble,
]);

/** A trouble that somebody ordered to see what a release does about it. */
export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault["kind"];
/** The fault of one kind. */
export type FaultOf<K extends FaultKind> = Extract<Fault, { readonly kind: K }>;

/** Every kind of fault and its JSON Schema with the description. */
export const FAULT_KINDS: ReadonlyMap<string, object> = new Map(
  faultSchema.options.map((option) => [option.shape.kind.value, z.toJSONSchema(option)]),
);

export function isFaultKind(name: string): name is FaultKind {
  return FAULT_KINDS.has(name);
}

export function isOfKind<K extends FaultKind>(fault: Fault | undefined, kind: K): fault is FaultOf<K> {
  return fault?.kind === kind;
}

/** What a fault strikes. Each target can have one fault of each kind. For `aws-trouble` it is the services, or `*`. */
export function targetOf(fault: Fault): string {
  switch (fault.kind) {
    case "function-silent":
      return fault.functionName;
    case "job-fails":
    case "spot-interruption":
      return fault.jobName;
    case "account-limit":
      return fault.quota;
    case "aws-trouble":
      return fault.services === undefined ? "*" : [...fault.services].sort().join(",");
    default:
      return fault.endpoint;
  }
}

/** @throws AwsError `ValidationException` that says what is wrong, and which kinds there are */
export function readFault(value: unknown): Fault {
  const result = faultSchema.safeParse(value);
  if (result.success) {
    return result.data;
  }
  throw notAFault(z.prettifyError(result.error));
}

export function notAFault(problem: string): AwsError {
  const kinds = [...FAULT_KINDS.keys()].join(", ");
  return new AwsError(
    "ValidationException",
    `not a fault: ${problem}\nThe kinds are ${kinds}; GET /_local/faults/kinds describes them.`,
  );
}

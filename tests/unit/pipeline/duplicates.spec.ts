import {
  CodePipelineClient,
  ListPipelineExecutionsCommand,
  PipelineExecutionNotStoppableException,
  StopPipelineExecutionCommand,
  type PipelineExecutionSummary,
} from "@aws-sdk/client-codepipeline";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { expect } from "chai";
import fc from "fast-check";
import { endIfDuplicate, standsBackFor, startedByEvent, TOGETHER_SECONDS } from "../../../pipeline/duplicates";

const PIPELINE = "mlops-nyctaxi-pipeline";
const byEvent = startedByEvent(PIPELINE);
const rule = (name: string) => ({
  triggerType: "CloudWatchEvent" as const,
  triggerDetail: `arn:aws:events:us-east-1:123456789012:rule/${name}`,
});
const push = {
  triggerType: "WebhookV2" as const,
  triggerDetail: "arn:aws:codeconnections:us-east-1:123456789012:connection/c",
};
const data = rule(`${PIPELINE}-data`);
const schedule = rule(`${PIPELINE}-schedule`);
const byHand = { triggerType: "StartPipelineExecution" as const, triggerDetail: "arn:aws:iam::123456789012:user/u" };

/** An execution of commit `c<code>` and data version `v<version>`, started so many seconds after noon. */
function execution(
  pipelineExecutionId: string,
  seconds: number,
  revisions: readonly [code: number, version: number] | undefined,
  more: Partial<PipelineExecutionSummary> = {},
): PipelineExecutionSummary {
  return {
    pipelineExecutionId,
    startTime: new Date(Date.UTC(2026, 0, 1, 12) + seconds * 1000),
    status: "InProgress",
    trigger: push,
    sourceRevisions: revisions && [
      { actionName: "Code", revisionId: `c${revisions[0]}` },
      { actionName: "Data", revisionId: `v${revisions[1]}` },
    ],
    ...more,
  };
}

const twinOf = (own: string, ...executions: PipelineExecutionSummary[]) =>
  standsBackFor(own, executions, byEvent)?.execution;

describe("executions that code and data have started together", () => {
  it("ends the later one where both are for the same code and data", () => {
    const both = [execution("a", 0, [1, 1]), execution("b", 5, [1, 1], { trigger: data })];

    expect(twinOf("a", ...both)).to.equal(undefined);
    expect(twinOf("b", ...both)).to.equal("a");
  });

  it("ends the later one where the earlier has succeeded, not where it has failed or was stopped", () => {
    const later = execution("b", 5000, [1, 1]);
    const of = (status: PipelineExecutionSummary["status"]) =>
      twinOf("b", execution("a", 0, [1, 1], { status }), later);

    expect(of("Succeeded")).to.equal("a");
    expect(of("Failed")).to.equal(undefined);
    expect(of("Stopped")).to.equal(undefined);
    expect(of("Superseded")).to.equal(undefined);
  });

  it("brings a commit again to which a branch goes back", () => {
    const succeeded = { status: "Succeeded" as const };
    const earlier = [execution("a", 0, [1, 1], succeeded), execution("b", 5000, [2, 1], succeeded)];

    expect(twinOf("c", ...earlier, execution("c", 9000, [1, 1]))).to.equal(undefined);
    const byHandBetween = execution("b", 5000, [2, 1], { ...succeeded, trigger: byHand });
    expect(twinOf("c", execution("a", 0, [1, 1], succeeded), byHandBetween, execution("c", 9000, [1, 1]))).to.equal(
      undefined,
    );
  });

  it("ends the earlier one where the later has newer code or data and came within two minutes", () => {
    const later = (seconds: number, more: Partial<PipelineExecutionSummary> = {}) =>
      twinOf("a", execution("a", 0, [1, 1]), execution("b", seconds, [1, 2], { trigger: data, ...more }));

    expect(later(TOGETHER_SECONDS)).to.equal("b");
    expect(later(TOGETHER_SECONDS + 1)).to.equal(undefined);
    expect(later(5, { status: "Failed" })).to.equal(undefined);
    expect(later(5, { trigger: schedule })).to.equal(undefined);
  });

  it("waits for nobody whose revisions are not all known", () => {
    const first = execution("a", 0, [1, 1]);
    const half = [{ actionName: "Code", revisionId: "c2" }];

    expect(twinOf("a", first, execution("b", 5, undefined))).to.equal(undefined);
    expect(twinOf("a", first, execution("b", 5, undefined, { sourceRevisions: half }))).to.equal(undefined);
    expect(twinOf("b", execution("a", 0, undefined), execution("b", 5, undefined))).to.equal(undefined);
  });

  it("leaves alone what a schedule, a person or the making of the pipeline has started, either way", () => {
    for (const trigger of [schedule, byHand, { triggerType: "CreatePipeline" as const }, undefined]) {
      expect(twinOf("b", execution("a", 0, [1, 1]), execution("b", 5, [1, 1], { trigger }))).to.equal(undefined);
      expect(twinOf("b", execution("a", 0, [1, 1], { trigger }), execution("b", 5, [1, 1]))).to.equal(undefined);
    }
    expect(byEvent(rule(`${PIPELINE}-push`))).to.equal(true);
    expect(byEvent(rule("mlops-other-pipeline-data"))).to.equal(false);
  });

  it("knows nothing of an execution that is not in the list", () => {
    expect(twinOf("z", execution("a", 0, [1, 1]))).to.equal(undefined);
  });

  it("never ends all that have the newest code and data, whenever each looks and is stopped", () => {
    const arrival = fc.record({
      after: fc.integer({ min: 0, max: 150 }),
      revisions: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
      trigger: fc.constantFrom(push, data, push, data, schedule),
      sourceDone: fc.integer({ min: 0, max: 60 }),
      looks: fc.integer({ min: 0, max: 200 }),
      stopsAfter: fc.integer({ min: 0, max: 30 }),
      hexDigit: fc.integer({ min: 0, max: 15 }),
    });
    fc.assert(
      fc.property(fc.array(arrival, { minLength: 1, maxLength: 7 }), (arrivals) => {
        let start = 0;
        const all = arrivals.map(({ after, hexDigit, ...arrived }, index) => {
          start += after;
          const known = start + arrived.sourceDone;
          const look = known + arrived.looks;
          return {
            ...{ id: `${hexDigit.toString(16)}${index}`, start, known, look, stop: look + arrived.stopsAfter },
            ...{ revisions: arrived.revisions, trigger: arrived.trigger, ended: false },
          };
        });
        const seenAt = (now: number) =>
          all.flatMap((one) =>
            one.start > now
              ? []
              : [
                  execution(one.id, one.start, one.known <= now ? one.revisions : undefined, {
                    status: one.ended && one.stop <= now ? "Stopped" : "InProgress",
                    trigger: one.trigger,
                  }),
                ],
          );
        for (const one of all.toSorted((first, second) => first.look - second.look)) {
          one.ended = standsBackFor(one.id, seenAt(one.look).reverse(), byEvent) !== undefined;
        }

        const counted = all
          .filter(({ trigger }) => trigger !== schedule)
          .toSorted((first, second) => first.start - second.start || (first.id < second.id ? -1 : 1));
        const newest = counted.at(-1)?.revisions.join();
        const goOn = counted.filter(({ ended, revisions }) => !ended && revisions.join() === newest);
        expect(counted.length === 0 || goOn.length > 0).to.equal(true);
        expect(all.some(({ trigger, ended }) => trigger === schedule && ended)).to.equal(false);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a build that finds its execution to be one too many", () => {
  const settings = { pipelineName: PIPELINE, release: "b" };
  let aws: AwsClientStub<CodePipelineClient>;
  const listed = (...pipelineExecutionSummaries: PipelineExecutionSummary[]) =>
    aws.on(ListPipelineExecutionsCommand, { pipelineName: PIPELINE }).resolves({ pipelineExecutionSummaries });

  beforeEach(() => (aws = mockClient(CodePipelineClient)));
  afterEach(() => aws.restore());

  it("stops it, and says for which other one", async () => {
    listed(execution("b", 5, [1, 1]), execution("a", 0, [1, 1]));
    aws.on(StopPipelineExecutionCommand).resolves({ pipelineExecutionId: "b" });

    expect(await endIfDuplicate(settings)).to.equal(
      "this execution ends here: execution a brings the same code and data",
    );
    expect(aws.commandCalls(StopPipelineExecutionCommand).map(({ args }) => args[0].input)).to.deep.equal([
      {
        pipelineName: PIPELINE,
        pipelineExecutionId: "b",
        abandon: true,
        reason: "execution a brings the same code and data",
      },
    ]);
  });

  it("goes on where it is the only one", async () => {
    listed(execution("b", 5, [1, 1]));

    expect(await endIfDuplicate(settings)).to.equal(undefined);
    expect(aws.commandCalls(StopPipelineExecutionCommand)).to.have.length(0);
  });

  it("takes it well that somebody was faster", async () => {
    listed(execution("c", 17, [1, 2], { trigger: data }), execution("b", 5, [1, 1]));
    aws
      .on(StopPipelineExecutionCommand)
      .rejects(new PipelineExecutionNotStoppableException({ message: "it is Stopped", $metadata: {} }));

    expect(await endIfDuplicate(settings)).to.match(/execution c, started 12 s later, brings newer code or data/);
  });

  it("fails where it may not stop it", async () => {
    listed(execution("b", 5, [1, 1]), execution("a", 0, [1, 1]));
    aws.on(StopPipelineExecutionCommand).rejects(new Error("AccessDenied"));

    const failure = await endIfDuplicate(settings).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).to.have.property("message", "AccessDenied");
  });
});

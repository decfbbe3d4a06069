import { z } from "zod";
import { PipelineWatch } from "../pipeline/watch";
import { APPROVE } from "../release/approval";
import { askForRetraining } from "../retrain/start";
import type { LocalSwitchboard } from "./local-aws";
import type { Orders } from "./shown";
import type { Watched } from "./watched";

/** How production gets back to the release before. */
export interface WayBack {
  /** What will be done, in words. */
  readonly told: readonly string[];
  readonly go: () => Promise<void>;
}

/** An order that cannot be carried out as it is, for people. */
export class Refused extends Error {}

const comment = z.string().trim().min(1, "a comment is needed: it is kept with the release").max(512);
const answer = z.strictObject({ execution: z.string().min(1), comment });
/** What each order takes. */
const TAKES = {
  approve: answer,
  reject: answer,
  "plan-rollback": z.strictObject({}),
  rollback: z.strictObject({ plan: z.string().min(1) }),
  retrain: z.strictObject({ reason: z.string().trim().min(1, "a reason is needed: the approval shows it") }),
  fault: z.strictObject({ kind: z.enum(["model-errors", "model-slow"]), endpoint: z.string().min(1) }),
  "end-faults": z.strictObject({}),
} satisfies { readonly [K in keyof Orders]: z.ZodType<Orders[K]> };

/** Carries out what an operator orders by a button of the page. Each answers with what has come of it, in words. */
export class OrderDesk {
  constructor(
    private readonly watched: Watched,
    private readonly local: LocalSwitchboard | undefined,
    private readonly wayBack: () => Promise<WayBack>,
  ) {}

  /** @throws Refused if there is no such order, or if it lacks something */
  async carryOut(name: string, given: unknown): Promise<string> {
    switch (name) {
      case "approve":
        return this.answer("Approved", read(TAKES.approve, given));
      case "reject":
        return this.answer("Rejected", read(TAKES.reject, given));
      case "plan-rollback":
        read(TAKES["plan-rollback"], given);
        return (await this.wayBack()).told.join("\n");
      case "rollback":
        return this.rollBack(read(TAKES.rollback, given));
      case "retrain":
        return this.retrain(read(TAKES.retrain, given));
      case "fault":
        return this.fault(read(TAKES.fault, given));
      case "end-faults":
        read(TAKES["end-faults"], given);
        return this.endFaults();
      default:
        throw new Refused(`there is no order ${name}`);
    }
  }

  private async answer(
    status: "Approved" | "Rejected",
    { execution, comment: why }: Orders["approve"],
  ): Promise<string> {
    const pipeline = new PipelineWatch(this.watched.aws, this.watched.pipelineName);
    if (!(await pipeline.asks(execution, APPROVE))) {
      throw new Refused(`release ${execution} does not wait for approval any more`);
    }
    await pipeline.answer(APPROVE, await pipeline.approval(execution, APPROVE), status, why);
    return `Release ${execution}: ${status}.`;
  }

  private async rollBack({ plan }: Orders["rollback"]): Promise<string> {
    const { told, go } = await this.wayBack();
    if (told.join("\n") !== plan) {
      throw new Refused("the way back is another one by now: close this and ask for it again");
    }
    await go();
    return "All traffic goes back to the release before.";
  }

  private async retrain({ reason }: Orders["retrain"]): Promise<string> {
    const { aws, pipelineName } = this.watched;
    const { decision, why, executionId = "?" } = await askForRetraining(aws, pipelineName, reason);
    return decision === "retrain" ? `Execution ${executionId} was started: ${why}.` : `None was started: ${why}.`;
  }

  private async fault({ kind, endpoint }: Orders["fault"]): Promise<string> {
    const slow = kind === "model-slow";
    await this.switchboard().inject({ kind, endpoint, ...(slow ? { delaySeconds: SLOW_SECONDS } : {}) });
    return `From now on, ${endpoint} ${slow ? `answers ${SLOW_SECONDS} s later` : "answers errors"}.`;
  }

  private async endFaults(): Promise<string> {
    await this.switchboard().end();
    return "All faults have ended.";
  }

  private switchboard(): LocalSwitchboard {
    if (this.local === undefined) {
      throw new Refused("faults can be injected only into the local AWS");
    }
    return this.local;
  }
}

const SLOW_SECONDS = 2;

function read<T>(schema: z.ZodType<T>, given: unknown): T {
  const { data, error } = schema.safeParse(given);
  if (error !== undefined) {
    throw new Refused(error.issues.map(({ path, message }) => [...path, message].join(": ")).join("; "));
  }
  return data;
}

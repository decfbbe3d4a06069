import type { RuleState, Target } from "@aws-sdk/client-eventbridge";
import { arn, type Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import { Tags } from "../../core/tags";
import { parseSchedule } from "./schedule";

/** A rule's definition, as PutRule replaces it whole. */
export interface RuleDefinition {
  readonly name: string;
  readonly pattern: string | undefined;
  readonly matches: (event: object) => boolean;
  readonly scheduleExpression: string | undefined;
  readonly state: RuleState;
  readonly description: string | undefined;
  readonly roleArn: string | undefined;
}

/** A target that has been checked. */
export type RuleTarget = Target & { readonly Id: string; readonly Arn: string };

export interface Rule {
  definition: RuleDefinition;
  readonly arn: string;
  readonly targets: Map<string, RuleTarget>;
  readonly tags: Tags;
  /** Calls off what its schedule waits for. */
  unschedule: () => void;
}

/** The rules of the default event bus. */
export class Rules {
  private readonly byName = new Map<string, Rule>();

  /** @param due called when a rule's schedule is due */
  constructor(
    private readonly clock: Clock,
    private readonly account: Account,
    private readonly due: (rule: Rule) => void,
  ) {}

  /** All rules by name. */
  list(): readonly Rule[] {
    return [...this.byName.values()].sort((a, b) => (a.definition.name < b.definition.name ? -1 : 1));
  }

  /** @throws AwsError `ResourceNotFoundException` */
  get(name: string): Rule {
    const rule = this.byName.get(name);
    if (rule === undefined) {
      throw new AwsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus default.`);
    }
    return rule;
  }

  /** @throws AwsError `ResourceNotFoundException` */
  byArn(ruleArn: string): Rule {
    const rule = this.list().find((each) => each.arn === ruleArn);
    if (rule === undefined) {
      throw new AwsError("ResourceNotFoundException", `Rule ${ruleArn} does not exist.`);
    }
    return rule;
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  /** Creates a rule or replaces its definition; its targets and tags stay. */
  put(definition: RuleDefinition): Rule {
    const existing = this.byName.get(definition.name);
    const rule = existing ?? {
      definition,
      arn: arn(this.account, "events", `rule/${definition.name}`),
      targets: new Map<string, RuleTarget>(),
      tags: new Tags(),
      unschedule: () => undefined,
    };
    this.byName.set(definition.name, rule);
    rule.definition = definition;
    this.schedule(rule);
    return rule;
  }

  delete(name: string): void {
    this.byName.get(name)?.unschedule();
    this.byName.delete(name);
  }

  /**
   * Waits for the next time that the schedule is due, and the next after that, in AWS's time: it begins now and passes as fast as
   * the clock says, so a month's first may be soon.
   */
  private schedule(rule: Rule): void {
    rule.unschedule();
    rule.unschedule = () => undefined;
    const { scheduleExpression, state } = rule.definition;
    if (scheduleExpression === undefined || state !== "ENABLED") {
      return;
    }
    const nextAfter = parseSchedule(scheduleExpression);
    const wait = (from: Date) => {
      const next = nextAfter(from);
      if (next !== undefined) {
        rule.unschedule = this.clock.after(next.getTime() - from.getTime(), () => {
          wait(next);
          this.due(rule);
        });
      }
    };
    wait(this.clock.now());
  }
}

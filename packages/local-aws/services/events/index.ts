/**
 * EventBridge: rules on the default event bus that are really delivered, and schedules on the local clock.
 */
import type { Clock } from "../../core/clock";
import type { Account } from "../../core/account";
import type { Service } from "../../core/http";
import { jsonRpcService } from "../../core/json-rpc";
import { violationsOf, type EventSink, type Local } from "../../core/local";
import { Recipients, type ResourcePolicyAllows } from "../../core/recipients";
import { Bus, type BusEvent } from "./bus";
import { Deliveries } from "./delivery";
import { eventOperations } from "./event-operations";
import { ruleOperations } from "./rule-operations";
import { Rules, type Rule } from "./rules";
import { targetOperations } from "./target-operations";

/** EventBridge before the services are there that events are delivered to. */
export interface EventBridge {
  /** Where the other services put their events. */
  readonly events: EventSink;
  /** The service (AWS JSON 1.1), from which on events are delivered. Other buses, archives, pipes and the like answer `NotImplemented`. */
  service(local: Local, allows: ResourcePolicyAllows): Service;
}

export function eventBridge(clock: Clock, account: Account): EventBridge {
  let deliveries: Deliveries | undefined;
  const deliver = (rule: Rule, event: BusEvent) => deliveries?.deliver(rule, event);
  const rules: Rules = new Rules(clock, account, (rule) => bus.due(rule));
  const bus = new Bus(clock, account, () => rules.list(), deliver);
  return {
    events: { put: (event) => void bus.put(event) },
    service(local, allows) {
      deliveries = new Deliveries(local, new Recipients(local, allows));
      const operations = [...ruleOperations(rules), ...targetOperations(rules), ...eventOperations(bus)];
      return jsonRpcService("EventBridge", operations, { violations: violationsOf(local, "events") });
    },
  };
}

import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { encryption } from "./rules/encryption";
import { functionLogs, logRetention } from "./rules/logs";
import { attachedPolicies, leastPrivilege, passRole } from "./rules/permissions";
import { publicBuckets } from "./rules/public-buckets";
import { rollbackAlarms } from "./rules/rollback-alarms";

/** Rules for one resource each. */
export const RESOURCE_RULES: ResourceValidationPolicy[] = [
  encryption,
  publicBuckets,
  leastPrivilege,
  passRole,
  logRetention,
  rollbackAlarms,
];

/** Rules for all resources of a stack together. */
export const STACK_RULES: StackValidationPolicy[] = [attachedPolicies, functionLogs];

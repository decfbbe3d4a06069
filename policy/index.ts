import { PolicyPack } from "@pulumi/policy";
import { encryption } from "./rules/encryption";
import { attachedPolicies, leastPrivilege, passRole } from "./rules/permissions";
import { functionLogs, logRetention } from "./rules/logs";
import { publicBuckets } from "./rules/public-buckets";
import { rollbackAlarms } from "./rules/rollback-alarms";

new PolicyPack("sagemaker-safe-deploy", {
  enforcementLevel: "mandatory",
  policies: [
    encryption,
    publicBuckets,
    leastPrivilege,
    attachedPolicies,
    passRole,
    logRetention,
    functionLogs,
    rollbackAlarms,
  ],
});

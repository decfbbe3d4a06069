import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as lambda from "@pulumi/aws/lambda";
import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";

/** What CloudWatch keeps for ever is paid for for ever, and so are callers' data in it. */
export const logRetention: ResourceValidationPolicy = {
  name: "log-retention",
  description: "A log group says how many days it keeps its logs.",
  validateResource: (args, report) => {
    const group = args.asType(cloudwatch.LogGroup);
    if (group !== undefined && !((group.retentionInDays ?? 0) > 0)) {
      report("retentionInDays is not set, so that logs are kept for ever: set it, such as to 365");
    }
  },
};

/** Lambda makes the log group that it does not find, and never lets it expire. */
export const functionLogs: StackValidationPolicy = {
  name: "log-retention-of-functions",
  description: "The log group of a Lambda function is declared beside it.",
  validateStack: ({ resources }, report) => {
    const groups = new Set(resources.map((resource) => resource.asType(cloudwatch.LogGroup)?.name));
    for (const resource of resources) {
      const called = resource.asType(lambda.Function);
      if (called !== undefined) {
        const group = called.loggingConfig.logGroup || `/aws/lambda/${called.name}`;
        if (!groups.has(group)) {
          report(`declare the log group ${group} with retentionInDays: Lambda's own is kept for ever`, resource.urn);
        }
      }
    }
  },
};

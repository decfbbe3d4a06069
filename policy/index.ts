import { PolicyPack } from "@pulumi/policy";
import { RESOURCE_RULES, STACK_RULES } from "./rules";

new PolicyPack("sagemaker-safe-deploy", {
  enforcementLevel: "mandatory",
  policies: [...RESOURCE_RULES, ...STACK_RULES],
});

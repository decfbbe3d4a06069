import { resolve } from "node:path";

/** Options with which `pulumi preview` and `pulumi up` fail where a rule of the policy pack is broken. */
export const POLICIES = ["--policy-pack", resolve(__dirname, "../../policy")];

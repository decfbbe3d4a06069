import { lambdaRolloutThrough } from "../../engine/providers/lambda-rollout";

lambdaRolloutThrough("plugin");

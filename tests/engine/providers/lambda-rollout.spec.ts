import { lambdaRolloutThrough } from "./lambda-rollout";

lambdaRolloutThrough("dynamic");

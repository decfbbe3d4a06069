import type { ModelDefinition } from "./definition";
import { taxi } from "./taxi";

export type { HyperparameterList, ModelDefinition, PrebuiltImage } from "./definition";

/** The model of this project. */
export const model: ModelDefinition = taxi;

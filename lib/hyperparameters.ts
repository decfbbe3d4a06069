import { z } from "zod";

const single = z.union([z.string(), z.number(), z.boolean()]);
const list = z.array(z.union([single, z.array(single)])).min(1, "must not be an empty list");

/**
 * The rule for hyperparameters, as config and `data-source.zip` have them. SageMaker wants text. What a list looks like as text depends on
 * the algorithm, so the model says that.
 */
export const hyperparameters = z.record(
  z.string(),
  z.union([single.transform(String), list], { error: "must be text, a number, true, false or a list of these" }),
);

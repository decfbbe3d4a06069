import { z } from "zod";

const VOLUME_GB = "must be a whole number, 5 to 16384";
/** What `notebook` of stack `pipeline` may be. */
export const notebook = z.union(
  [
    z.literal(false),
    z.strictObject({
      instanceType: z.string().regex(/^ml\./, "must begin with ml., such as ml.t3.medium").optional(),
      volumeSizeGB: z.int(VOLUME_GB).min(5, VOLUME_GB).max(16_384, VOLUME_GB).optional(),
      mayApprove: z.boolean("must be true or false").optional(),
      subnetId: z
        .string()
        .regex(/^subnet-/, "must begin with subnet-")
        .optional(),
      securityGroupIds: z.array(z.string().regex(/^sg-/, "must begin with sg-")).min(1, "must name a group").optional(),
    }),
  ],
  { error: "must be false or an object of instanceType, volumeSizeGB, mayApprove, subnetId and securityGroupIds" },
);

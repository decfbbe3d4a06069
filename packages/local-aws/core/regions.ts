import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { AwsError } from "./aws-error";

/** The partition that the local AWS plays; others, such as `aws-cn`, are AWS's of their own. */
const PARTITION = "aws";

const file = z.object({
  partitions: z.array(
    z.object({
      id: z.string(),
      regionRegex: z.string(),
      regions: z.record(z.string(), z.object({ description: z.string() })),
    }),
  ),
});

/** The regions of partition `aws`. */
export interface Regions {
  /**
   * What AWS calls a region, such as `US East (N. Virginia)` for `us-east-1`.
   *
   * @throws AwsError `InvalidSignatureException` for what is no region of partition `aws`
   */
  nameOf(region: string): string;
}

/** Reads AWS's list of its regions in `dataDir` (botocore's `data` folder). */
export function readRegions(dataDir: string): Regions {
  const { partitions } = file.parse(JSON.parse(readFileSync(join(dataDir, "partitions.json"), "utf8")));
  const names = new Map(
    partitions
      .filter(({ id }) => id === PARTITION)
      .flatMap(({ regions }) => Object.entries(regions))
      .filter(([region]) => /-\d+$/.test(region)),
  );
  return {
    nameOf(region) {
      const found = names.get(region);
      if (found === undefined) {
        const partition = partitions.find(
          ({ id, regionRegex }) => id !== PARTITION && RegExp(regionRegex).test(region),
        );
        const why =
          partition === undefined
            ? `there is no region ${region}`
            : `${region} is a region of partition ${partition.id}`;
        throw new AwsError(
          "InvalidSignatureException",
          `${why}; the local AWS has those of partition ${PARTITION}`,
          403,
        );
      }
      return found.description;
    },
  };
}

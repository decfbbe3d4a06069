import { readFile } from "node:fs/promises";
import { CodePipelineClient, ListPipelineExecutionsCommand } from "@aws-sdk/client-codepipeline";
import { z } from "zod";
import type { Settings } from "./settings";

const succession = z.object({ live: z.string().optional(), ahead: z.array(z.string()) });

/**
 * Which releases may be live when a release is deployed: the one that was live at its preview, and those that were on their way ahead of
 * it. Any other one is newer, or somebody has deployed it by hand, and it must not be replaced unseen.
 */
export type Succession = z.infer<typeof succession>;

/** Ids of the executions that were started before the build's own and still run. */
export async function executionsAhead({
  pipelineName,
  release,
}: Pick<Settings, "pipelineName" | "release">): Promise<string[]> {
  const client = new CodePipelineClient();
  const { pipelineExecutionSummaries: latestFirst = [] } = await client.send(
    new ListPipelineExecutionsCommand({ pipelineName }),
  );
  const own = latestFirst.findIndex(({ pipelineExecutionId }) => pipelineExecutionId === release);
  return latestFirst
    .slice(own + 1)
    .flatMap(({ pipelineExecutionId: id, status }) => (id !== undefined && status === "InProgress" ? [id] : []));
}

/**
 * Checks that the live release is one that may be live.
 *
 * @param the file that the build has written
 * @throws Error if an unexpected release is live
 */
export async function checkSuccession(file: string, release: string, live: string | undefined): Promise<void> {
  const { live: before, ahead } = succession.parse(JSON.parse(await readFile(file, "utf8")));
  if (live !== undefined && live !== release && live !== before && !ahead.includes(live)) {
    throw new Error(
      `release ${live} is live; at the preview of this one it was ${before ?? "none"}, and ${live} was not on its way ahead of it. ` +
        "Nothing was touched. Start the pipeline anew, for a preview against what is live now.",
    );
  }
}

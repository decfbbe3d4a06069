import type { Inbox } from "local-aws/testing/inbox";
import type { PipelineLab } from "../../../support/pipeline-lab";
import { eventually } from "../../../support/pipeline-executions";
import type { SourceFolder, Switches } from "../../../support/pipeline-source";

/** What the tests of the declared pipeline share. */
export interface Declared {
  readonly lab: PipelineLab;
  readonly source: SourceFolder;
  readonly switches: Switches;
  readonly told: Inbox;
}
export type Use = () => Declared;

/** Waits for a message about an execution that says this. */
export async function toldOf({ told }: Declared, id: string, text: string): Promise<void> {
  const ofExecution = async () => messagesOf(told, id);
  await eventually(ofExecution, (messages) => messages.some((message) => message.includes(text)));
}

/** What people were told of an execution so far. */
export function messagesOf(told: Inbox, id: string): string[] {
  return told.messages.map(({ Message }) => Message).filter((message) => message.includes(id));
}

/** Data that nothing but the echo of a build looks at. */
export const DATA = { "inputData.json": { TrainingUri: "s3://some/where" } };

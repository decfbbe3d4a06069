import { releaseId } from "../../lib/release";

/** A release's id as somebody has typed it. @throws if it cannot be one */
export function releaseIdOf(text: string): string {
  const { data, error } = releaseId.safeParse(text);
  if (data === undefined) {
    throw new Error(`the release ${error.issues[0]?.message}, got "${text}"`);
  }
  return data;
}

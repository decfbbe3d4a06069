/** Most characters of a tag's value. */
const LONGEST = 256;

/**
 * A text as the value of a tag: what AWS refuses becomes a hyphen, such as `#` in the name of a branch, and what is too long is cut.
 * https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
 */
export function tagValue(text: string): string {
  return text
    .replaceAll(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, "-")
    .slice(0, LONGEST)
    .trim();
}

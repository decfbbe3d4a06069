import { distance } from "fastest-levenshtein";

/** The known word that somebody most likely meant: at most a third of its characters differ. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((one) => ({ one, differences: distance(one.toLowerCase(), word.toLowerCase()) }))
    .filter(({ differences }) => differences <= Math.ceil(word.length / 3))
    .sort((a, b) => a.differences - b.differences);
  return best?.one;
}

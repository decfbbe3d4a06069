import { invalid } from "./settings";

/**
 * One page of a list, as Lambda cuts it: the marker is opaque to callers and tells how many came before.
 *
 * @param maxItems default 50, as AWS's
 */
export function page<T>(
  all: readonly T[],
  marker: string | undefined,
  maxItems = 50,
): { readonly items: readonly T[]; readonly NextMarker: string | undefined } {
  const from = marker === undefined ? 0 : Number(Buffer.from(marker, "base64").toString("utf8"));
  if (!Number.isInteger(from) || from < 0) {
    throw invalid(`Invalid Marker: ${marker ?? ""} was not given out by this operation`);
  }
  const to = from + maxItems;
  return {
    items: all.slice(from, to),
    NextMarker: to < all.length ? Buffer.from(String(to)).toString("base64") : undefined,
  };
}

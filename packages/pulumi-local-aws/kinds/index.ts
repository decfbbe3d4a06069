/** What an argument of a resource may be: how it is checked, compared, shown and read. */
export { block, argumentProblems } from "./block";
export { list, single, set, map } from "./collections";
export { textMeaning, text, textUpTo, number, boolean, oneOf, json, kmsKey, archive, asset } from "./plain";

import { apiKnobs } from "../../lib/rollout-knobs";
import { endpointProblems } from "../autoscaled-endpoint/checks";
import { apiProblems } from "../blue-green-api/check-arguments";
import { unknownKeys } from "../support/problems";
import { ARGUMENTS, CONTENT_KEYS, FRONT_KEYS, FUNCTION_KEYS, type SafeModelArgs } from "./arguments";
import { apiArguments, endpointArguments } from "./children";

/** Everything that is wrong with a model's arguments by its own rules and its children's, in the words of its arguments. */
export function modelProblems(name: string, args: SafeModelArgs): string[] {
  const { release, keptReleases = {} } = args;
  const live = endpointArguments(name, args);
  const ofLive = endpointProblems(live);
  return [
    ...unknownKeys(args, Object.keys(ARGUMENTS)),
    ...ofLive.map((problem) => renamed(problem, endpointPath)),
    ...Object.entries(keptReleases).flatMap(([kept, content]) => [
      ...unknownKeys(content, CONTENT_KEYS, `keptReleases.${kept}`),
      ...endpointProblems(endpointArguments(name, args, kept))
        .filter((problem) => !ofLive.includes(problem))
        .map((problem) => `keptReleases.${kept}: ${renamed(problem, endpointPath)}`),
    ]),
    ...(release in keptReleases ? [`keptReleases must not name the release that is to be live, got "${release}"`] : []),
    ...apiProblems(apiArguments(name, args, { ...live, endpointArn: "" })).map((problem) => renamed(problem, apiPath)),
  ];
}

/** A problem that begins with the name of a child's argument, with our name in its place. */
function renamed(problem: string, pathOf: (argument: string) => string): string {
  return problem.replace(/^\w+/, pathOf);
}

const ENDPOINT_PATHS: ReadonlyMap<string, string> = new Map([
  ["modelDataUrl", "model"],
  ["dataCapture", "capture"],
]);
/** Arguments that are called the same; and the first words of problems that begin with no argument: "one of …", "the number of …". */
const SAME = ["endpointName", "variantName", "image", "environment", "vpc", "kmsKeyArn", "tags", "one", "the"];

/** What an argument of the endpoint is called here. */
function endpointPath(argument: string): string {
  return ENDPOINT_PATHS.get(argument) ?? (SAME.includes(argument) ? argument : `serve.${argument}`);
}

const API_GROUPS: Readonly<Record<string, readonly string[]>> = {
  rollout: Object.keys(apiKnobs),
  function: FUNCTION_KEYS,
  front: FRONT_KEYS,
};

/** What an argument of the API is called here. */
function apiPath(argument: string): string {
  const [group] = Object.entries(API_GROUPS).find(([, keys]) => keys.includes(argument)) ?? [];
  return argument === "dataCaptureUri"
    ? "capture.destinationUri"
    : group === undefined
      ? argument
      : `${group}.${argument}`;
}

import { SearchCommand, type SearchCommandInput, type TrialComponent as Found } from "@aws-sdk/client-sagemaker";
import { notPartOfLocal } from "../../core/aws-error";
import { operation, type Checked, type Operation } from "../../core/operation";
import type { Context } from "./context";
import { invalid, refuseMembers } from "./errors";
import { checkExpression, matches, valuesAt, type Searchable } from "./search-expression";
import type { TrialComponent } from "./trial-component";
import { describeComponent } from "./trial-components";

type Request = Checked<SearchCommandInput>;

/** A resource that was found, as it is told and as it is searched. */
interface Hit {
  readonly name: string;
  readonly found: Found;
  readonly searchable: Searchable;
}

const DEFAULT_PAGE_SIZE = 10;

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Search.html, of what jobs leave in experiments. */
export function searchOperations(context: Context): readonly Operation[] {
  return [
    operation(SearchCommand, (request) => {
      if (request.Resource !== "ExperimentTrialComponent") {
        throw notPartOfLocal(`Search with Resource ${request.Resource}`);
      }
      refuseMembers(request, ["CrossAccountFilterOption", "VisibilityConditions"], "Search");
      const { SearchExpression: expression } = request;
      if (expression !== undefined) {
        checkExpression(expression);
      }
      const hits = [...context.store.trialComponents.values()]
        .map((component) => hit(context, component))
        .filter(({ searchable }) => expression === undefined || matches(searchable, expression));
      const { page, NextToken } = pageOf(sorted(hits, request), request);
      return {
        Results: page.map(({ found }) => ({ TrialComponent: found })),
        NextToken,
        TotalHits: { Value: hits.length, Relation: "EqualTo" as const },
      };
    }),
  ];
}

function hit({ store }: Context, component: TrialComponent): Hit {
  const tags = store.tags.of(component.arn);
  const found: Found = {
    ...describeComponent(component),
    Parents: [...store.trials.values()]
      .filter(({ components }) => components.has(component.name))
      .map(({ name, input }) => ({ TrialName: name, ExperimentName: input.ExperimentName })),
    Tags: tags.list(),
  };
  const { Parameters = {}, Metrics, ...rest } = found;
  const searchable = {
    ...rest,
    Parameters: Object.fromEntries(
      Object.entries(Parameters).map(([name, { NumberValue: number, StringValue: text }]) => [name, number ?? text]),
    ),
    Metrics: Metrics && Object.fromEntries(Metrics.map(({ MetricName: name = "", ...one }) => [name, one])),
    Tags: tags.record(),
  };
  // The SageMaker SDK takes these for granted.
  const told = { Parameters: {}, InputArtifacts: {}, OutputArtifacts: {}, Metrics: [], ...found };
  return { name: component.name, found: told, searchable };
}

/** What does not have the property comes last, whatever the order. */
function sorted(hits: readonly Hit[], { SortBy: by = "LastModifiedTime", SortOrder: order = "Descending" }: Request) {
  const sign = order === "Ascending" ? 1 : -1;
  const keyed = hits.map((one) => ({ one, key: valuesAt(one.searchable, by)[0] }));
  return keyed
    .sort((a, b) => {
      if (a.key === undefined || b.key === undefined) {
        return Number(a.key === undefined) - Number(b.key === undefined) || compare(a.one.name, b.one.name);
      }
      return sign * (compare(a.key, b.key) || compare(a.one.name, b.one.name));
    })
    .map(({ one }) => one);
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === "string" && typeof b === "string") {
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return Number(a) - Number(b);
}

/** A token names the last resource of the page before. @throws AwsError `ValidationException` where that is not among them */
function pageOf(hits: readonly Hit[], { NextToken: token, MaxResults: size = DEFAULT_PAGE_SIZE }: Request) {
  const last = token === undefined ? -1 : hits.findIndex(({ name }) => tokenOf(name) === token);
  if (token !== undefined && last === -1) {
    throw invalid(`Invalid NextToken "${token}": take it from the answer of the same search`);
  }
  const page = hits.slice(last + 1, last + 1 + size);
  const end = page.at(-1);
  const hasMore = hits.length > last + 1 + size;
  return { page, NextToken: hasMore && end !== undefined ? tokenOf(end.name) : undefined };
}

const tokenOf = (name: string) => Buffer.from(name).toString("base64url");

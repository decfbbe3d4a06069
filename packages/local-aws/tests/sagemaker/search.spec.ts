import {
  AssociateTrialComponentCommand,
  CreateExperimentCommand,
  CreateTrainingJobCommand,
  CreateTrialCommand,
  CreateTrialComponentCommand,
  SearchCommand,
  type Filter,
  type SearchCommandInput,
  type SearchExpression,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { planeRows, put, refusal, startSageMaker, trainingEnd, trainingJob, type TestSageMaker } from "./support";

describe("SageMaker's search for trial components", function () {
  this.timeout(60_000);
  let test: TestSageMaker;

  const search = (changes: Partial<SearchCommandInput> = {}) =>
    test.sagemaker.send(new SearchCommand({ Resource: "ExperimentTrialComponent", ...changes }));
  const names = async (SearchExpression: SearchExpression, changes: Partial<SearchCommandInput> = {}) => {
    const { Results = [] } = await search({ SearchExpression, MaxResults: 100, ...changes });
    return Results.map(({ TrialComponent }) => TrialComponent?.TrialComponentName);
  };
  const filter = (Name: string, Operator?: Filter["Operator"], Value?: string) => ({
    Filters: [{ Name, Operator, Value }],
  });
  const JOB = "first-aws-training-job";

  before(async () => {
    test = await startSageMaker();
    await put(test, "data/train/train.csv", planeRows(60));
    await put(test, "data/validation/validation.csv", planeRows(20, 7));
    for (const ExperimentName of ["taxi", "other"]) {
      await test.sagemaker.send(new CreateExperimentCommand({ ExperimentName }));
      await test.sagemaker.send(new CreateTrialCommand({ TrialName: `${ExperimentName}-r1`, ExperimentName }));
    }
    const experiment = { ExperimentName: "taxi", TrialName: "taxi-r1", TrialComponentDisplayName: "Training" };
    await test.sagemaker.send(new CreateTrainingJobCommand(trainingJob("first", { ExperimentConfig: experiment })));
    for (const [i, trial] of ["taxi-r1", "taxi-r1", "other-r1"].entries()) {
      const TrialComponentName = `step-${i}`;
      const Parameters = { depth: { NumberValue: i }, "kind.of": { StringValue: trial } };
      const Tags = [{ Key: "owner", Value: "somebody" }];
      await test.sagemaker.send(new CreateTrialComponentCommand({ TrialComponentName, Parameters, Tags }));
      await test.sagemaker.send(new AssociateTrialComponentCommand({ TrialName: trial, TrialComponentName }));
    }
    await trainingEnd(test, "first");
  });
  after(() => test.close());

  it("tells of a job what ExperimentAnalytics of the SageMaker SDK makes a table of", async () => {
    // What `ExperimentAnalytics(experiment_name="taxi", search_expression=…)` of SDK 2.257 sends.
    const { Results = [], TotalHits } = await search({
      SearchExpression: {
        Filters: [
          { Name: "DisplayName", Operator: "Equals", Value: "Training" },
          { Name: "Parents.ExperimentName", Operator: "Equals", Value: "taxi" },
        ],
      },
      SortBy: "metrics.validation:rmse.min",
      SortOrder: "Ascending",
    });

    expect(TotalHits).to.deep.equal({ Value: 1, Relation: "EqualTo" });
    const found = Results[0]?.TrialComponent;
    expect(found).to.deep.include({
      TrialComponentName: JOB,
      DisplayName: "Training",
      Parents: [{ TrialName: "taxi-r1", ExperimentName: "taxi" }],
    });
    expect(found?.Source?.SourceArn).to.match(/:training-job\/first$/);
    expect(found?.Parameters).to.deep.include({
      num_round: { NumberValue: 8 },
      "SageMaker.InstanceType": { StringValue: "ml.m5.large" },
    });
    expect(found?.Metrics?.map((metric) => metric.MetricName)).to.include.members(["train:rmse", "validation:rmse"]);
  });

  it("tells of every component what the SDK takes for granted, empty where there is none", async () => {
    const { Results = [] } = await search({ SearchExpression: filter("TrialComponentName", "Equals", "step-2") });

    expect(Results[0]?.TrialComponent).to.deep.include({ InputArtifacts: {}, OutputArtifacts: {}, Metrics: [] });
  });

  it("compares text, numbers and times, each as far as AWS does", async () => {
    const taxi = [JOB, "step-0", "step-1"];
    for (const [expression, expected] of [
      [filter("Parents.ExperimentName", "Equals", "taxi"), taxi],
      [filter("Parents.TrialName", undefined, "other-r1"), ["step-2"]],
      [filter("Parents.ExperimentName", "NotEquals", "taxi"), ["step-2"]],
      [filter("TrialComponentName", "Contains", "step"), ["step-0", "step-1", "step-2"]],
      [filter("TrialComponentName", "In", "step-0, step-2"), ["step-0", "step-2"]],
      [filter("TrialComponentName", "GreaterThan", "step-0"), []],
      [filter("Parameters.depth", "GreaterThan", "0"), ["step-1", "step-2"]],
      [filter("Parameters.depth", "LessThanOrEqualTo", "1"), ["step-0", "step-1"]],
      [filter("Parameters.kind.of", "Equals", "taxi-r1"), ["step-0", "step-1"]],
      [filter("Parameters.SageMaker.InstanceType", "Equals", "ml.m5.large"), [JOB]],
      [filter("Metrics.train:rmse.Last"), [JOB]],
      [filter("Metrics", "NotExists"), ["step-0", "step-1", "step-2"]],
      [filter("Tags.owner", "Equals", "somebody"), ["step-0", "step-1", "step-2"]],
      [filter("CreationTime", "GreaterThanOrEqualTo", "2001-01-01T00:00:00"), [...taxi, "step-2"]],
      [filter("CreationTime", "LessThan", "2001-01-01T00:00:00"), []],
      [filter("NoSuchProperty", "Exists"), []],
    ] as const) {
      expect(await names(expression), JSON.stringify(expression)).to.have.members([...expected]);
    }
  });

  it("joins filters, nested filters and expressions by and, or by or", async () => {
    const [depth0, depth2] = ["0", "2"].map((value) => filter("Parameters.depth", "Equals", value));
    const parents = (trial: string) => [
      { Name: "Parents.ExperimentName", Operator: "Equals" as const, Value: "taxi" },
      { Name: "Parents.TrialName", Operator: "Equals" as const, Value: trial },
    ];
    const nested = (trial: string) => ({ NestedFilters: [{ NestedPropertyName: "Parents", Filters: parents(trial) }] });

    expect(await names({ SubExpressions: [depth0!, depth2!], Operator: "Or" })).to.have.members(["step-0", "step-2"]);
    expect(await names({ SubExpressions: [depth0!, depth2!] })).to.deep.equal([]);
    expect(await names({ ...depth2!, ...nested("taxi-r1"), Operator: "Or" })).to.have.length(4);
    expect(await names({ ...depth0!, ...nested("taxi-r1") })).to.deep.equal(["step-0"]);
    expect(await names(nested("other-r1"))).to.deep.equal([]);
  });

  it("sorts by any property, with what does not have it at the end, and goes on page by page", async () => {
    const by = { SortBy: "Parameters.depth", SortOrder: "Ascending" } as const;
    const all = filter("TrialComponentName", "Exists");
    expect(await names(all, by)).to.deep.equal(["step-0", "step-1", "step-2", JOB]);
    expect(await names(all, { ...by, SortOrder: "Descending" })).to.deep.equal(["step-2", "step-1", "step-0", JOB]);
    // The job was the last to change.
    expect((await names(all))[0]).to.equal(JOB);

    const first = await search({ ...by, MaxResults: 3 });
    const second = await search({ ...by, MaxResults: 3, NextToken: first.NextToken });
    expect([first.Results?.length, second.Results?.length, second.NextToken]).to.deep.equal([3, 1, undefined]);
    expect(second.Results?.[0]?.TrialComponent?.TrialComponentName).to.equal(JOB);
    expect((await refusal(search({ NextToken: "x" }))).message).to.contain('Invalid NextToken "x"');
  });

  it("is refused where it says nothing, or asks for what is not here", async () => {
    const contains = [filter("DisplayName", "Contains", "a"), filter("Source.SourceArn", "Contains", "b")];
    const twice = { SubExpressions: [...contains, filter("Source.SourceArn", "Contains", "c")] };

    await search({ SearchExpression: { SubExpressions: contains } });
    expect((await refusal(search({ SearchExpression: twice }))).message).to.equal(
      "'CONTAINS' operator usage limit of 1 exceeded.",
    );
    expect((await refusal(search({ SearchExpression: {} }))).message).to.contain("at least one filter");
    expect((await refusal(search({ SearchExpression: filter("DisplayName", "Equals") }))).message).to.contain("Value");
    expect((await refusal(search({ Resource: "TrainingJob" }))).message).to.contain("Search with Resource TrainingJob");
  });
});

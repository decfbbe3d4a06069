import { GetMetricDataCommand, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import { failure, Fixture } from "./fixture";

describe("a search for metrics", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start();
    const put = (dimensions: Readonly<Record<string, string>>, value: number) =>
      fixture.metrics.put(["Requests", "Faults"].map((name) => ({ namespace: "Own/Space", name, dimensions, value })));
    put({ FunctionName: "api", Release: "r1" }, 1);
    put({ FunctionName: "api", Release: "r2" }, 2);
    put({ FunctionName: "other", Release: "r1" }, 4);
    put({ FunctionName: "other" }, 100);
  });
  afterEach(() => fixture.close());

  const data = async (...MetricDataQueries: MetricDataQuery[]) => {
    const [StartTime, EndTime] = [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)];
    const asked = new GetMetricDataCommand({ MetricDataQueries, StartTime, EndTime });
    const { MetricDataResults = [] } = await fixture.client.send(asked);
    return MetricDataResults.map(({ Id, Label, Values }) => [Id, Label, Values]);
  };
  const search = (query: string, Label?: string): MetricDataQuery => ({
    Id: "found",
    Expression: `SEARCH('${query}', 'Sum', 60)`,
    Label,
  });

  it("finds those with exactly its dimensions and values, with a result for each", async () => {
    const found = search('{Own/Space,Release,FunctionName} MetricName="Requests" FunctionName="api"');
    expect(await data(found)).to.deep.equal([
      ["found", "r1", [1]],
      ["found", "r2", [2]],
    ]);
    expect(
      await data(search('{"Own/Space","FunctionName"} MetricName="Faults" AND FunctionName="other"')),
    ).to.deep.equal([["found", "Faults", [100]]]);
    expect(await data(search('{Own/Space,FunctionName} FunctionName="nobody"'))).to.deep.equal([]);
  });

  it("labels each by its own name and dimensions, or by those in which they differ", async () => {
    const all = "{Own/Space,FunctionName,Release}";
    const label = "${PROP('MetricName')} of ${PROP('Dim.Release')}";
    expect(await data(search(`${all} MetricName="Faults" Release="r2"`, label))).to.deep.equal([
      ["found", "Faults of r2", [2]],
    ]);
    expect((await data(search(`${all} FunctionName="api"`))).map(([, each]) => each)).to.deep.equal([
      "Requests r1",
      "Faults r1",
      "Requests r2",
      "Faults r2",
    ]);
  });

  it("names what is not played", async () => {
    const refused = (query: string) => failure(data(search(query)));
    expect(await refused('{Own/Space,Release} Release="r1" OR Release="r2"')).to.contain('SEARCH with OR Release="r2"');
    expect(await refused("{Own/Space,Release} r1")).to.contain("SEARCH with r1");
    expect(await refused("r1")).to.contain("SEARCH without {namespace,dimension,…}");
    const half = { Id: "half", Expression: "found / 2" };
    expect(await failure(data(search("{Own/Space,Release}"), half))).to.contain(
      "metric math over the search found (half)",
    );
    expect(await failure(data({ Id: "e", Expression: "SEARCH(x)" }))).to.contain(
      "SEARCH('…', 'statistic', period) expected",
    );
  });
});

import { expect } from "chai";
import fc from "fast-check";
import { AwsError } from "../../core/aws-error";
import { listPage, type Listed } from "../../services/sagemaker/listing";

const listed = fc.record({
  name: fc.stringMatching(/^[a-c]{1,4}$/),
  status: fc.constantFrom("InService", "Failed"),
  createdAt: fc.integer({ min: 0, max: 5 }).map((second) => new Date(second * 1000)),
  modifiedAt: fc.constant(new Date(0)),
});
const items = fc.uniqueArray(listed, { selector: (item) => item.name, maxLength: 12 });
const request = fc.record({
  MaxResults: fc.integer({ min: 1, max: 4 }),
  SortBy: fc.constantFrom("Name", "CreationTime", "Status"),
  SortOrder: fc.constantFrom("Ascending" as const, "Descending" as const),
});

function allPages(all: readonly Listed[], wanted: Parameters<typeof listPage>[1]): readonly string[] {
  const names: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = listPage(all, { ...wanted, NextToken }, "Ascending");
    names.push(...page.items.map((item) => item.name));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return names;
}

describe("listPage", () => {
  it("shows every item once over all pages, in the order that one big page has", () => {
    fc.assert(
      fc.property(items, request, (all, wanted) => {
        const big = listPage(all, { ...wanted, MaxResults: 100 }, "Ascending").items.map((item) => item.name);
        expect(allPages(all, wanted)).to.deep.equal(big);
        expect([...big].sort()).to.deep.equal(all.map((item) => item.name).sort());
      }),
    );
  });

  it("neither repeats nor skips what stays when other items go or come between two pages", () => {
    fc.assert(
      fc.property(items, request, fc.infiniteStream(fc.boolean()), (all, wanted, kept) => {
        const first = listPage(all, wanted, "Ascending");
        const after = all.filter(() => kept.next().value === true);
        const rest = first.NextToken === undefined ? [] : allPages(after, { ...wanted, NextToken: undefined });
        const second = first.NextToken === undefined ? [] : pagesFrom(after, wanted, first.NextToken);
        const shown = new Set(first.items.map((item) => item.name));
        expect(second).to.deep.equal(rest.filter((name) => !shown.has(name)));
      }),
    );
  });

  it("sorts by creation time in the operation's own order where the request says nothing", () => {
    const made = ["old", "new"].map((name, i) => ({ name, createdAt: new Date(i), modifiedAt: new Date(i) }));
    expect(listPage(made, {}, "Descending").items.map((item) => item.name)).to.deep.equal(["new", "old"]);
    expect(listPage(made, {}, "Ascending").items.map((item) => item.name)).to.deep.equal(["old", "new"]);
  });

  it("filters by name, status and times, and refuses a token that it never gave", () => {
    const all = ["taxi-1", "taxi-2", "bus-1"].map((name, i) => ({
      name,
      status: i === 1 ? "Failed" : "InService",
      createdAt: new Date(i * 1000),
      modifiedAt: new Date(i * 1000),
    }));
    const names = (wanted: Parameters<typeof listPage>[1]) =>
      listPage(all, wanted, "Ascending").items.map((item) => item.name);
    expect(names({ NameContains: "taxi" })).to.deep.equal(["taxi-1", "taxi-2"]);
    expect(names({ StatusEquals: "Failed" })).to.deep.equal(["taxi-2"]);
    expect(names({ CreationTimeAfter: new Date(0), LastModifiedTimeBefore: new Date(2000) })).to.deep.equal(["taxi-2"]);
    expect(() => names({ NextToken: "bogus" })).to.throw(AwsError, 'Invalid NextToken "bogus"');
  });
});

function pagesFrom(all: readonly Listed[], wanted: Parameters<typeof listPage>[1], token: string): readonly string[] {
  const page = listPage(all, { ...wanted, NextToken: token }, "Ascending");
  const names = page.items.map((item) => item.name);
  return page.NextToken === undefined ? names : [...names, ...pagesFrom(all, wanted, page.NextToken)];
}

import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { transform, type Transform } from "../../../../components/support/transform";

interface QueueArgs {
  readonly url?: pulumi.Output<string>;
  readonly delaySeconds?: number;
  tags?: Record<string, string>;
  subnets?: string[];
}

class Place extends pulumi.ComponentResource {
  constructor() {
    super("test:index:Place", "place");
  }
}

const given = (): QueueArgs => ({ delaySeconds: 5, tags: { team: "a" }, subnets: ["one"] });

describe("transform", () => {
  before(() => pulumi.runtime.setMocks({ newResource: ({ name }) => ({ id: name, state: {} }), call: () => ({}) }));

  it("leaves everything as it is where the program changes nothing", () => {
    const args = given();
    const opts = { protect: true };

    expect(transform(undefined, "queue", args, opts)).to.deep.equal(["queue", args, opts]);
  });

  it("puts a program's arguments in the place of the component's, and keeps the others", () => {
    const [, args] = transform({ delaySeconds: 0, tags: {} }, "queue", given(), {});

    expect(args).to.deep.equal({ delaySeconds: 0, tags: {}, subnets: ["one"] });
  });

  it("lets a function change arguments and options, which it sees with the name", () => {
    const change: Transform<QueueArgs> = (args, opts, name) => {
      args.tags = { ...args.tags, name };
      delete args.delaySeconds;
      opts.protect = true;
    };

    expect(transform(change, "queue", given(), { retainOnDelete: true })).to.deep.equal([
      "queue",
      { tags: { team: "a", name: "queue" }, subnets: ["one"] },
      { retainOnDelete: true, protect: true },
    ]);
  });

  it("gives the function copies, so that what the caller gave stays as it was, to any depth", () => {
    const args = given();
    const ignoreChanges = ["tags"];

    transform<QueueArgs>(
      (own, opts) => {
        own.tags!.team = "b";
        own.subnets!.push("two");
        opts.ignoreChanges!.push("subnets");
      },
      "queue",
      args,
      { ignoreChanges },
    );

    expect(args).to.deep.equal(given());
    expect(ignoreChanges).to.deep.equal(["tags"]);
  });

  it("copies no output and no resource", () => {
    const url = pulumi.output("https://queue");
    const parent = new Place();

    const [, args, opts] = transform<QueueArgs>(() => undefined, "queue", { url }, { parent, dependsOn: [parent] });

    expect(args.url).to.equal(url);
    expect(opts.parent).to.equal(parent);
    expect(opts.dependsOn).to.deep.equal([parent]);
  });
});

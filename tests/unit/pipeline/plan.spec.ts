import { expect } from "chai";
import { attemptName } from "../../../lib/attempts";
import { exceeds as exceedsFor, parsePlan, type Plan } from "../../../pipeline/plan";

const URN = "urn:pulumi:prod::sagemaker-safe-deploy::aws:iam/role:Role::api-role";
const planOf = (steps: string[], inputDiff: object = {}) =>
  parsePlan(JSON.stringify({ resourcePlans: { [URN]: { goal: { inputDiff }, steps } } }));

/** The engine's form of a secret, and of a file. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const secret = (ciphertext: string) => ({ [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270", ciphertext });
const file = (path: string, hash: string) => ({ [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", path, hash });

const exceeds = (previewed: Plan, now: Plan) => exceedsFor(previewed, now, "r3");

describe("a plan against what would be done now", () => {
  it("holds where the same is done, whatever names and ciphers each preview makes anew", () => {
    const one = planOf(["create"], { adds: { name: "api-role-5385c3b", key: secret("a") } });
    const other = planOf(["create"], { adds: { name: "api-role-0a1b2c3", key: secret("b") } });

    expect(exceeds(one, other)).to.deep.equal([]);
  });

  it("holds where the same file lies in another folder, and not where it is another one", () => {
    const planned = planOf(["create"], { adds: { source: file("/build-1/script.py", "a") } });

    expect(exceeds(planned, planOf(["create"], { adds: { source: file("/build-2/script.py", "a") } }))).to.deep.equal(
      [],
    );
    expect(exceeds(planned, planOf(["create"], { adds: { source: file("/build-2/script.py", "b") } }))).to.have.length(
      1,
    );
    const tags = (path: string) => planOf(["create"], { adds: { tags: { hash: "a", path } } });
    expect(exceeds(tags("one"), tags("other"))).to.have.length(1);
  });

  it("holds where what was not known before is known now, and not the other way round", () => {
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const previewed = planOf(["create"], { adds: { policy: unknown, tags: { a: unknown, b: "b" }, names: [unknown] } });
    const known = { policy: "{}", tags: { a: "a", b: "b" }, names: ["one"] };

    expect(exceeds(previewed, planOf(["create"], { adds: known }))).to.deep.equal([]);
    expect(exceeds(previewed, planOf(["create"], { adds: { ...known, tags: { a: "a", b: "c" } } }))).to.deep.equal([
      "Role api-role: create with another tags",
    ]);
    expect(exceeds(planOf(["create"], { adds: known }), previewed)).to.have.length(1);
  });

  it("holds where a release had to be trained again, and not for the archive of another one", () => {
    const [first, other] = ["mlops-nyctaxi-r3", "mlops-nyctaxi-r2"];
    const archive = (folder: string) =>
      planOf(["create"], { adds: { modelDataUrl: `s3://b/${folder}/output/model.tar.gz` } });
    const previewed = archive(first);

    expect(exceeds(previewed, archive(`${first}/${attemptName(first, 2)}`))).to.deep.equal([]);
    expect(exceeds(previewed, archive(`${first}/${attemptName("j".repeat(63), 12)}`))).to.deep.equal([]);
    expect(exceeds(previewed, archive(`${other}/${attemptName(other, 2)}`))).to.have.length(1);
    expect(exceeds(previewed, archive(`${first}/elsewhere`))).to.have.length(1);
  });

  it("holds where the digest of the archive is told, which nobody knew before it was trained, and only that", () => {
    const urn =
      "urn:pulumi:prod::p::sagemaker-safe-deploy:index:ModelArchive$pulumi-nodejs:dynamic/sagemaker-safe-deploy";
    const archive = (adds: object, type = "ModelArchiveCopy") =>
      parsePlan(
        JSON.stringify({
          resourcePlans: { [`${urn}:${type}::prod-r3-archive`]: { goal: { inputDiff: { adds } }, steps: ["create"] } },
        }),
      );
    const [before, approvedSha256] = [{ destinationUri: "s3://b/k" }, "a".repeat(64)];

    expect(exceeds(archive(before), archive({ ...before, approvedSha256 }))).to.deep.equal([]);
    expect(exceeds(archive(before), archive({ destinationUri: "s3://b/other", approvedSha256 }))).to.deep.equal([
      "ModelArchiveCopy prod-r3-archive: create with another destinationUri",
    ]);
    const ofBaseline = "BaselineFileCopy";
    expect(exceeds(archive(before, ofBaseline), archive({ ...before, approvedSha256 }, ofBaseline))).to.deep.equal([]);
    expect(exceeds(archive(before, "Other"), archive({ ...before, approvedSha256 }, "Other"))).to.have.length(1);
  });

  it("holds where less is left to do, as after an update that was interrupted", () => {
    expect(exceeds(planOf(["create"], { adds: { path: "/" } }), planOf(["same"]))).to.deep.equal([]);
    expect(exceeds(planOf(["create-replacement", "replace", "delete-replaced"]), planOf(["same"]))).to.deep.equal([]);
    expect(exceeds(planOf(["delete"]), {})).to.deep.equal([]);
  });

  it("does not hold where a resource would be changed that was not to be, or changed more", () => {
    expect(exceeds({}, planOf(["delete"]))).to.deep.equal(["Role api-role: delete; previewed was no change"]);
    expect(exceeds(planOf(["update"]), planOf(["create-replacement", "replace", "delete-replaced"]))).to.deep.equal([
      "Role api-role: create-replacement, replace, delete-replaced; previewed was update",
    ]);
    expect(exceeds(planOf(["create"]), planOf(["update"]))).to.deep.equal([
      "Role api-role: update; previewed was create",
    ]);
  });

  it("holds whatever the provider of the dynamic resources has for its inputs: they tell it themselves", () => {
    const provider = "urn:pulumi:prod::sagemaker-safe-deploy::pulumi:providers:pulumi-nodejs::default";
    const changed = parsePlan(JSON.stringify({ resourcePlans: { [provider]: { steps: ["update"] } } }));

    expect(exceeds({}, changed)).to.deep.equal([]);
  });

  it("does not hold where the same change would set something else", () => {
    const previewed = planOf(["update"], { updates: { description: "one" } });

    expect(exceeds(previewed, planOf(["update"], { updates: { description: "other" } }))).to.deep.equal([
      "Role api-role: update with another description",
    ]);
    expect(
      exceeds(previewed, planOf(["update"], { updates: { description: "one" }, deletes: ["path"] })),
    ).to.deep.equal(["Role api-role: update with another path"]);
  });

  it("does not hold where less is done with something else", () => {
    const replacement = planOf(["create-replacement", "replace", "delete-replaced"], { updates: { path: "/a/" } });

    expect(exceeds(replacement, planOf(["update"], { updates: { path: "/a/" } }))).to.deep.equal([]);
    expect(exceeds(replacement, planOf(["update"], { updates: { policy: "{}" } }))).to.have.length(1);
  });

  describe("of a release in place of another one", () => {
    const urn = (type: string, name: string) =>
      `urn:pulumi:prod::p::sagemaker-safe-deploy:index:E$aws:${type}::${name}`;
    const planned = (resources: Record<string, string[]>) =>
      parsePlan(
        JSON.stringify({
          resourcePlans: Object.fromEntries(Object.entries(resources).map(([key, steps]) => [key, { steps }])),
        }),
      );
    const endpoint = (release: string) => urn("sagemaker/endpoint:Endpoint", `prod-${release}`);
    const role = (release: string) => urn("iam/role:Role", `prod-${release}-role`);
    const previewed = planned({ [endpoint("r3")]: ["create"], [role("r3")]: ["create"], [endpoint("r1")]: ["delete"] });

    it("holds whichever release is the one before by now", () => {
      expect(exceeds(previewed, planned({ [endpoint("r3")]: ["create"], [endpoint("r2")]: ["delete"] }))).to.deep.equal(
        [],
      );
    });

    it("holds where an update that was killed has left something that is taken over", () => {
      expect(exceeds(previewed, planned({ [endpoint("r3")]: ["import"] }))).to.deep.equal([]);
    });

    it("holds where the engine goes on with a resource of the release that it has waited for in vain", () => {
      expect(exceeds(previewed, planned({ [endpoint("r3")]: ["update"] }))).to.deep.equal([]);
      expect(exceeds(previewed, planned({ [endpoint("r3")]: ["create-replacement", "replace"] }))).to.have.length(1);
    });

    it("does not hold for what no release was to lose, or for anything else that would happen to another one's", () => {
      expect(exceeds(previewed, planned({ [role("r2")]: ["delete"] }))).to.deep.equal([
        "Role prod-r2-role: delete; previewed was no change",
      ]);
      expect(exceeds(previewed, planned({ [endpoint("r2")]: ["update"] }))).to.have.length(1);
      expect(exceeds(previewed, planned({ [urn("sns/topic:Topic", "prod-r2")]: ["delete"] }))).to.have.length(1);
    });
  });
});

import { expect } from "chai";
import { attemptName, newestAttempt } from "../../../lib/attempts";
import { releaseNames } from "../../../lib/release";

const LONGEST = { model: "m".repeat(15), release: "0f3e1f6a-8b1e-4c9d-9a43-2f1f5f1e7a10", bucket: "data" };

describe("the names of attempts at a job", () => {
  it("are the job's own, then that with the number of the attempt", () => {
    expect([1, 2, 10].map((number) => attemptName("mlops-nyctaxi-r1", number))).to.deep.equal([
      "mlops-nyctaxi-r1",
      "mlops-nyctaxi-r1-attempt-2",
      "mlops-nyctaxi-r1-attempt-10",
    ]);
  });

  it("have at most 63 characters, and say the number, for the longest names of releases too", () => {
    for (const name of [releaseNames(LONGEST).trainingJob, releaseNames(LONGEST).baselineJob, "j".repeat(63)]) {
      for (const number of [2, 9, 10, 99, 100]) {
        const attempt = attemptName(name, number);

        expect(attempt).to.match(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/);
        expect(attempt.endsWith(`-attempt-${number}`)).to.equal(true);
        expect(attempt.startsWith(name.slice(0, 40))).to.equal(true);
      }
    }
  });

  it("are not those of another job whose name begins alike", () => {
    const [one, other] = ["0", "1"].map((end) => attemptName(`${"j".repeat(62)}${end}`, 2));

    expect(one).to.not.equal(other);
  });
});

describe("the newest attempt", () => {
  const among =
    (...failed: boolean[]) =>
    (name: string) =>
      Promise.resolve(
        failed.map((hasFailed, i) => ({ name: attemptName("job", i + 1), hasFailed })).find((job) => job.name === name),
      );
  const newest = (...failed: boolean[]) => newestAttempt("job", among(...failed), ({ hasFailed }) => hasFailed);

  it("is the last that there is", async () => {
    expect(await newest()).to.equal(undefined);
    expect((await newest(true))?.number).to.equal(1);
    expect((await newest(true, true, false))?.number).to.equal(3);
  });

  it("is one that has not failed: none comes after it", async () => {
    expect((await newest(false, true))?.number).to.equal(1);
  });
});

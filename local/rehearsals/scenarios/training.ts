import type { Scenario } from "../scenario";

/** Releases that never get as far as an endpoint. */
export const training: readonly Scenario[] = [
  {
    name: "training-fails",
    tells: "the training job fails: the algorithm does not take a hyperparameter",
    expected: "blue",
    async play(scene) {
      const hyperparameters = JSON.stringify({ num_round: "20", eta: "7" });
      scene.harm("a hyperparameter that cannot be");
      await scene.hasFailed(await scene.start("train", { hyperparameters }), [/AlgorithmError|ClientError/, /eta/]);
    },
  },
  {
    name: "quality-gate-not-met",
    tells: "the trained model is worse than the quality gate allows",
    expected: "blue",
    async play(scene) {
      scene.harm("a gate that no model passes");
      await scene.hasFailed(await scene.start("train", { qualityGate: JSON.stringify({ maximum: 0.5 }) }), [
        /wants validation:rmse to be at most 0\.5, and it is \d/,
      ]);
    },
  },
  {
    name: "wrong-s3-data",
    tells: "there is no data where the training job is told to find it",
    expected: "blue",
    async play(scene) {
      const trainingDataUri = `s3://${scene.lane.account.bucket}/no/such/trips`;
      scene.harm("an S3 prefix with nothing below it");
      await scene.hasFailed(await scene.start("train", { trainingDataUri }), [
        /No S3 objects found/,
        /no\/such\/trips/,
      ]);
    },
  },
];

import type { ModelDefinition } from "./definition";
import { xgboostList } from "./xgboost";

/**
 * Fares of New York taxis, predicted from a trip's duration, passengers and distance by SageMaker's XGBoost: the model, its
 * settings and its data layout are those of aws-samples/amazon-sagemaker-safe-deployment-pipeline.
 */
export const taxi: ModelDefinition = {
  name: "nyctaxi",
  columns: {
    target: "total_amount",
    inputs: ["duration_minutes", "passenger_count", "trip_distance"],
    // The bounds within which prepare.py takes a trip for none that was recorded wrong.
    ranges: {
      duration_minutes: { minimum: 0, maximum: 120 },
      passenger_count: { minimum: 0, maximum: 100 },
      trip_distance: { minimum: 0, maximum: 121 },
    },
  },
  dataPrefix: "nyc-tlc/v1/data",
  dataFiles: {
    training: "train.csv",
    validation: "validation.csv",
    test: "test.csv",
    baseline: "baseline.csv",
  },
  contentType: "text/csv",
  image: { repository: "sagemaker-xgboost", tag: "1.7-1" },
  hyperparameters: {
    max_depth: "9",
    eta: "0.2",
    gamma: "4",
    min_child_weight: "300",
    subsample: "0.8",
    // The original's reg:linear, by its present name in XGBoost.
    objective: "reg:squarederror",
    early_stopping_rounds: "10",
    num_round: "100",
  },
  hyperparameterList: xgboostList,
  qualityGate: { metric: "validation:rmse", maximum: 10 },
  preTrafficCheck: {
    // A short, a medium, a longer and a long trip. They cost about 8, 11, 17 and 35 dollars in 2016, and half as much again today. A model
    // that predicts less than half of a short trip's fare, or more than twice a long trip's fare, has learnt something else.
    knownRows: ["5.98,1,1.03", "9.92,1,1.84", "16.42,2,3.5", "31.59,5,8.16"],
    minimumPrediction: 4,
    maximumPrediction: 100,
  },
  // The training data has fares above 0 and below 200 dollars and trips of less than two hours. Trees hardly predict anything outside of
  // that. A caller may ask for a longer trip, and one of many rows may be odd, so five times the greatest fare is allowed. No fare is
  // negative.
  predictionRange: { minimum: 0, maximum: 1000 },
  baseline: {
    image: { repository: "sagemaker-scikit-learn", tag: "1.2-1-cpu-py3" },
    script: "model/baseline.py",
  },
  prepareScript: "model/prepare.py",
};

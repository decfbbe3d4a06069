import type { ModelDefinition } from "./definition";

/**
 * Fares of New York taxis, predicted from a trip's duration, passengers and distance by SageMaker's XGBoost: the model, its
 * settings and its data layout are those of aws-samples/amazon-sagemaker-safe-deployment-pipeline.
 */
export const taxi: ModelDefinition = {
  name: "nyctaxi",
  columns: {
    target: "total_amount",
    inputs: ["duration_minutes", "passenger_count", "trip_distance"],
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
    // The original's reg:linear by the name that XGBoost has kept.
    objective: "reg:squarederror",
    early_stopping_rounds: "10",
    num_round: "100",
  },
  qualityGate: { metric: "validation:rmse", maximum: 10 },
  preTrafficCheck: {
    // A short, a middling, a longer and a long trip. In dollars they cost about 8, 11, 17 and 35 in 2016, and half as much again
    // today; a model that answers less than a short trip's fare or more than twice a long one's has learnt something else.
    knownRows: ["5.98,1,1.03", "9.92,1,1.84", "16.42,2,3.5", "31.59,5,8.16"],
    minimumPrediction: 4,
    maximumPrediction: 100,
  },
  // The model is trained on fares above 0 and below 200 dollars, on trips of less than two hours: trees answer hardly anything outside of
  // what they have seen. A caller may ask for a longer trip, and a bundle of rows has many chances to be odd, so five times the greatest
  // fare is let pass. Nobody pays less than nothing.
  predictionRange: { minimum: 0, maximum: 1000 },
  baseline: {
    image: { repository: "sagemaker-scikit-learn", tag: "1.2-1-cpu-py3" },
    script: "model/baseline.py",
  },
  prepareScript: "model/prepare.py",
};

/** What the stacks need to know about a model. */
export interface ModelDefinition {
  /** Its name when none is configured: lower-case letters, digits and single hyphens, at most 15 characters. */
  readonly name: string;
  /** Columns of the training data. */
  readonly columns: {
    /** What is predicted; first column of train, validation and test files. */
    readonly target: string;
    /** The model's inputs, in this order. */
    readonly inputs: readonly string[];
    /** Least and greatest value of each input in the training data. What callers send beyond that does not judge a release. */
    readonly ranges: Readonly<Record<string, { readonly minimum?: number; readonly maximum?: number }>>;
  };
  /** Folder of the data in the data bucket: `<dataPrefix>/{training,validation,test,baseline}/<file>`. */
  readonly dataPrefix: string;
  /** Names of the data files, by the folder that each lies in. */
  readonly dataFiles: {
    readonly training: string;
    readonly validation: string;
    readonly test: string;
    readonly baseline: string;
  };
  /** MIME type of the data files and of requests to the model. */
  readonly contentType: "text/csv";
  /** The image that trains and serves the model. */
  readonly image: PrebuiltImage;
  /** Hyperparameters of the training container. Config may add to them and override them. */
  readonly hyperparameters: Readonly<Record<string, string>>;
  /** Writes a hyperparameter that is a list as the container reads it. */
  readonly hyperparameterList: (list: HyperparameterList) => string;
  /** The model is deployed only if this metric of the training job is at most `maximum`. */
  readonly qualityGate: {
    /** Name of the metric as the training job reports it. */
    readonly metric: string;
    readonly maximum: number;
  };
  /** Rows that a new endpoint must answer plausibly before it gets any traffic. */
  readonly preTrafficCheck: {
    /** Rows of `columns.inputs`, as CSV without header. */
    readonly knownRows: readonly string[];
    /** Least plausible prediction for these rows. */
    readonly minimumPrediction: number;
    /** Greatest plausible prediction for these rows. */
    readonly maximumPrediction: number;
  };
  /**
   * Range of plausible predictions for any request. It is wider than that of `preTrafficCheck`, since callers may send anything. A
   * prediction outside of it, or one that is not a number, counts against a release.
   */
  readonly predictionRange: { readonly minimum: number; readonly maximum: number };
  /** The processing job that computes the baseline for later traffic. */
  readonly baseline: {
    readonly image: PrebuiltImage;
    /** Python program, relative to the project's folder; reads and writes as `model/baseline.py` says. */
    readonly script: string;
  };
  /** Python program that makes the data files, relative to the project's folder. */
  readonly prepareScript: string;
}

/** A hyperparameter's value that is a list, such as one of monotone constraints, or a list of lists. */
export type HyperparameterList = readonly (HyperparameterItem | readonly HyperparameterItem[])[];
type HyperparameterItem = string | number | boolean;

/** One of SageMaker's own images. Its registry depends on the region and is looked up. */
export interface PrebuiltImage {
  /** Name of the ECR repository, such as `sagemaker-xgboost`. */
  readonly repository: string;
  /** Tag of the image, such as `1.7-1`. */
  readonly tag: string;
}

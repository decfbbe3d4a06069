/** What the stacks have to know of a model. */
export interface ModelDefinition {
  /** Its name when none is configured: lower-case letters, digits and single hyphens, at most 15 characters. */
  readonly name: string;
  /** Columns of the training data. */
  readonly columns: {
    /** What is predicted; first column of train, validation and test files. */
    readonly target: string;
    /** What the model is sent, in this order. */
    readonly inputs: readonly string[];
  };
  /** Where the data lies in the data bucket: `<dataPrefix>/{training,validation,test,baseline}/<file>`. */
  readonly dataPrefix: string;
  /** Names of the data files, by the folder that each lies in. */
  readonly dataFiles: {
    readonly training: string;
    readonly validation: string;
    readonly test: string;
    readonly baseline: string;
  };
  /** MIME type of the data files and of the rows that the model is sent. */
  readonly contentType: "text/csv";
  /** The image that trains and serves the model. */
  readonly image: PrebuiltImage;
  /** Given to the training container as they are; config may add to them and override them. */
  readonly hyperparameters: Readonly<Record<string, string>>;
  /** The model is deployed only if this metric of the training job is at most `maximum`. */
  readonly qualityGate: {
    /** Name of the metric as the training job reports it. */
    readonly metric: string;
    readonly maximum: number;
  };
  /** What a new endpoint must answer sensibly before it gets any traffic. */
  readonly preTrafficCheck: {
    /** Rows of `columns.inputs`, as CSV without header. */
    readonly knownRows: readonly string[];
    /** The least that a sane model predicts for any of the rows. */
    readonly minimumPrediction: number;
    /** The most that a sane model predicts for any of the rows. */
    readonly maximumPrediction: number;
  };
  /**
   * What a sane model may answer to any request at all, wider than `preTrafficCheck` since callers send what they like: an answer outside
   * of it, or none that is a number, counts against a release.
   */
  readonly predictionRange: { readonly minimum: number; readonly maximum: number };
  /** The processing job that computes what later traffic is compared with. */
  readonly baseline: {
    readonly image: PrebuiltImage;
    /** Python program, relative to the project's folder; reads and writes as `model/baseline.py` says. */
    readonly script: string;
  };
  /** Python program that makes the data files, relative to the project's folder. */
  readonly prepareScript: string;
}

/** One of SageMaker's own images: its registry differs by region and is looked up. */
export interface PrebuiltImage {
  /** Name of the ECR repository, such as `sagemaker-xgboost`. */
  readonly repository: string;
  /** Tag of the image, such as `1.7-1`. */
  readonly tag: string;
}

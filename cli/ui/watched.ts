import type { AwsSettings } from "../support/context";

/** What the page is about, and by which settings AWS is asked. */
export interface Watched {
  readonly aws: AwsSettings;
  /** Name of the model. */
  readonly model: string;
  /** Beginning of the model's names. */
  readonly prefix: string;
  readonly pipelineName: string;
  /** Bucket of reports and decisions. */
  readonly bucket: string;
  /** How long the time is that charts show, in seconds. */
  readonly windowSeconds: number;
  /** How many times faster than on AWS time passes. 1 against AWS itself. */
  readonly speed: number;
}

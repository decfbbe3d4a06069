import type { Endpoint } from "./endpoint";
import type { EndpointConfig } from "./endpoint-configs";
import type { Experiment, Trial } from "./experiments";
import type { Model } from "./models";
import type { ProcessingJob } from "./processing-job";
import { TagStore } from "./tags";
import type { TrainingJob } from "./training-job";
import type { TrialComponent } from "./trial-components";

/** Everything the local SageMaker knows, by name. */
export class Store {
  readonly trainingJobs = new Map<string, TrainingJob>();
  readonly processingJobs = new Map<string, ProcessingJob>();
  readonly models = new Map<string, Model>();
  readonly endpointConfigs = new Map<string, EndpointConfig>();
  readonly endpoints = new Map<string, Endpoint>();
  readonly experiments = new Map<string, Experiment>();
  readonly trials = new Map<string, Trial>();
  readonly trialComponents = new Map<string, TrialComponent>();
  readonly tags = new TagStore();
}

import type { DataQualityJobDefinition } from "./data-quality-job-definition";
import type { Endpoint } from "./endpoint";
import type { EndpointConfig } from "./endpoint-config";
import type { Experiment, Trial } from "./experiment";
import type { Model } from "./model";
import type { MonitoringExecution, MonitoringSchedule } from "./monitoring-schedule";
import type { NotebookInstance, NotebookLifecycleConfig } from "./notebook-instance";
import type { ProcessingJob } from "./processing-job";
import { TagStore } from "./tag-store";
import type { TrainingJob } from "./training-job";
import type { TransformJob } from "./transform-job";
import type { TrialComponent } from "./trial-component";

/** Everything the local SageMaker knows, by name. */
export class Store {
  readonly trainingJobs = new Map<string, TrainingJob>();
  readonly processingJobs = new Map<string, ProcessingJob>();
  readonly transformJobs = new Map<string, TransformJob>();
  readonly models = new Map<string, Model>();
  readonly endpointConfigs = new Map<string, EndpointConfig>();
  readonly endpoints = new Map<string, Endpoint>();
  readonly dataQualityJobDefinitions = new Map<string, DataQualityJobDefinition>();
  readonly monitoringSchedules = new Map<string, MonitoringSchedule>();
  /** Of all schedules, deleted ones included, the oldest first. */
  readonly monitoringExecutions: MonitoringExecution[] = [];
  readonly notebookInstances = new Map<string, NotebookInstance>();
  readonly notebookLifecycleConfigs = new Map<string, NotebookLifecycleConfig>();
  readonly experiments = new Map<string, Experiment>();
  readonly trials = new Map<string, Trial>();
  readonly trialComponents = new Map<string, TrialComponent>();
  readonly tags = new TagStore();
}

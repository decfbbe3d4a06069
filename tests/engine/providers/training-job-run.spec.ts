import { trainingJobRunThrough } from "./training-job-run";

trainingJobRunThrough("dynamic");

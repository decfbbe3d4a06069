import { trainingJobRunThrough } from "../../engine/providers/training-job-run";

trainingJobRunThrough("plugin");

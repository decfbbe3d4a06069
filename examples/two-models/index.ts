import * as pulumi from "@pulumi/pulumi";
import { SafeModel } from "sagemaker-safe-deploy";

const config = new pulumi.Config();
const model = config.require("model"); // s3://…/model.tar.gz
const image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1";
const check = { requests: ["1.5", "12"], accept: { type: "number", minimum: 0, maximum: 500 } } as const;

// Each has releases of its own. Where both have a new one, both roll out at the same time, and a bad one does not hold up the other.
const dayFares = new SafeModel("day-fares", {
  release: config.require("dayRelease"),
  model,
  image,
  serve: { instanceType: "ml.m5.large", minInstances: 1, maxInstances: 4 },
  check,
});
const nightFares = new SafeModel("night-fares", {
  release: config.require("nightRelease"),
  model,
  image,
  serve: { instanceType: "ml.t2.medium" },
  check,
});
export const urls = { day: dayFares.url, night: nightFares.url };
export const liveReleases = { day: dayFares.liveRelease, night: nightFares.liveRelease };

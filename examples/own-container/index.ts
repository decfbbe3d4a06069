import * as pulumi from "@pulumi/pulumi";
import { SafeModel } from "sagemaker-safe-deploy";

const config = new pulumi.Config();

// The model is in the image (container/), so there is no archive. Callers send JSON, which goes to the container as it is.
const sentiment = new SafeModel("sentiment", {
  release: config.require("release"),
  image: config.require("image"), // such as 123456789012.dkr.ecr.us-east-1.amazonaws.com/sentiment:1; each release has its own tag
  environment: { FRIENDLY_WORDS: "good,great,thanks" },
  serve: { instanceType: "ml.c5.large", minInstances: 1, maxInstances: 3 },
  request: { contentType: "application/json" },
  check: {
    requests: [{ text: "Thanks a lot" }, { text: "It rains" }],
    accept: { type: "json", path: "label", value: { type: "label", labels: ["friendly", "neutral"] } },
  },
  front: { auth: "apiKey" },
});
export const { url, apiKey, liveRelease } = sentiment;

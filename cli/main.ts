#!/usr/bin/env node
/** The command `safe-deploy`. */
import { CommanderError } from "commander";
import { safeDeploy } from "./program";
import { failureOf } from "./support/failure";

// Node 20 is enough for whatever is called here.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const { stdin, stdout, stderr, env } = process;

// Whoever reads may stop, as `head` does. What was begun is ended all the same.
for (const stream of [stdout, stderr]) {
  stream.on("error", (error: Error) => {
    if (!("code" in error && error.code === "EPIPE")) {
      throw error;
    }
  });
}

safeDeploy({ stdin, stdout, stderr, env }, (status) => {
  process.exitCode = status;
})
  .parseAsync()
  .catch((error: unknown) => {
    if (error instanceof CommanderError) {
      // It has said what is wrong with how it was called.
      process.exitCode = error.exitCode;
    } else {
      stderr.write(`error: ${failureOf(error)}\n`);
      process.exitCode = 1;
    }
  });

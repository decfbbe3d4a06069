#!/usr/bin/env node
/** The command `safe-deploy`. */
import { CommanderError } from "commander";
import { safeDeploy } from "./program";

// Node 20 is enough for whatever is called here.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const { stdin, stdout, stderr, env } = process;

safeDeploy({ stdin, stdout, stderr, env }, (status) => {
  process.exitCode = status;
})
  .parseAsync()
  .catch((error: unknown) => {
    // Commander has said what is wrong with how it was called.
    process.exitCode = error instanceof CommanderError ? error.exitCode : 1;
  });

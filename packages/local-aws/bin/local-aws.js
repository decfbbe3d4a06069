#!/usr/bin/env node
// Runs main.ts as it is, from whatever folder this is called in.
const { join } = require("node:path");

process.env.TSX_TSCONFIG_PATH = join(__dirname, "../tsconfig.json");
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
require("tsx/cjs");
require("../main.ts");

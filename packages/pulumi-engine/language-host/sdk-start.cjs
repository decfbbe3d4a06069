// Loaded into each process that runs a program or its dynamic providers, before the SDK. JavaScript, since Node runs it as it stands.
//
// The SDK loads the packages below when it starts, and uses them only to serialise functions. With this they are loaded when the SDK
// first asks for something of theirs. Nothing else sees a difference: a program in TypeScript, for example, gets its compiler at once.
const { Module, createRequire } = require("node:module");

const SELDOM_USED = ["@npmcli/arborist", "typescript"];
const OF_SDK = /[\\/]@pulumi[\\/]pulumi[\\/](runtime[\\/]closure[\\/]\w+|typescript-shim)\.js$/;

const load = Module.prototype.require;
Module.prototype.require = function (id) {
  return SELDOM_USED.includes(id) && OF_SDK.test(this.filename) && isThere(id, this.filename)
    ? later(() => load.call(this, id))
    : load.call(this, id);
};

/** What is not there is asked for at once: the SDK then takes a TypeScript of its own. */
function isThere(id, filename) {
  try {
    createRequire(filename).resolve(id);
    return true;
  } catch {
    return false;
  }
}

/** Stands for what a module exports, and loads it when a member is asked for. */
function later(loadNow) {
  let loaded;
  return new Proxy(
    {},
    {
      // Code that TypeScript has compiled asks for `__esModule`, and copies all members where it is not set.
      get: (_, member) => (member === "__esModule" && loaded === undefined ? true : (loaded ??= loadNow())[member]),
    },
  );
}

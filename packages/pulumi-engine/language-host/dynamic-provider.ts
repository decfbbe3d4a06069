import { createRequire } from "node:module";
import { join } from "node:path";

// The SDK that the program itself uses brings the server for its dynamic providers; this only finds it, from the folder that
// the engine starts it in.
const program = createRequire(join(process.cwd(), "package.json"));
program("@pulumi/pulumi/cmd/dynamic-provider");

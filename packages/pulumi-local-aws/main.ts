import { version } from "@pulumi/aws/package.json";
import { Provider } from "./provider";
import { serveProvider } from "./server";

// On standard error Pulumi would show it to the user, once for each SDK client.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

async function main(): Promise<void> {
  const { port } = await serveProvider(new Provider(), version);
  // The engine waits for the port on the first line.
  process.stdout.write(`${port}\n`);
  // The engine holds our standard input open as long as it lives; the address it gives as argument is not needed.
  process.stdin.once("end", () => process.exit()).resume();
}

void main();

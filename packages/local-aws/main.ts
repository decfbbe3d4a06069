/** `local-aws`: the local AWS by itself, until Ctrl-C. */
import { Command } from "commander";
import { onInterruption } from "pulumi-engine/interruption";
import { refuseWindows } from "pulumi-engine/platform";
import { ensurePython } from "pulumi-engine/python-env";
import { reportTo } from "pulumi-engine/report";
import { ACCOUNT_ID, LOCAL_ACCOUNT } from "./core/account";
import { messageOf } from "./core/failure";
import { SIGNED_CURL } from "./core/switchboard";
import { startLocalAws, type LocalAws, type LocalAwsOptions } from "./server";

/** Options as the user types them. */
interface Typed {
  readonly port: string;
  readonly speed: string;
  readonly region: string;
  readonly account: string;
  readonly propagation: string;
  readonly json?: boolean;
}

const program = new Command("local-aws")
  .description(
    "Starts a local AWS for delivery pipelines of models on 127.0.0.1, and prints how to reach it. It ends by Ctrl-C and keeps nothing.\n" +
      "Gets the Python environment that it needs on its first run.",
  )
  .option("--port <n>", "port to listen on; 0 means any free port", "4566")
  .option("--speed <n>", "how many times faster than on AWS time passes", "60")
  .option("--region <name>", "default region of clients; they can reach all others too", LOCAL_ACCOUNT.region)
  .option("--account <number>", "default account of clients; they can reach all others too", LOCAL_ACCOUNT.accountId)
  .option("--propagation <seconds>", "seconds of AWS until services see a new role or policy", "10")
  .option("--json", "print how to reach it as one line of JSON on stdout, and progress on stderr")
  .addHelpText(
    "after",
    "\nExit status: 0 after Ctrl-C or SIGTERM, 1 if it could not start or go on, 130 after Ctrl-C before it has started.",
  )
  .action(run);

/** @throws an error with a line for each wrong value */
function read({ port, speed, region, account, propagation }: Typed): Omit<LocalAwsOptions, "python"> {
  const isPort = /^\d{1,5}$/.test(port) && Number(port) < 2 ** 16;
  const problems = [
    ...(isPort ? [] : [`--port must be a whole number from 0 to 65535, got ${port}`]),
    ...(Number(speed) > 0 && Number.isFinite(Number(speed)) ? [] : [`--speed must be a number above 0, got ${speed}`]),
    ...(/^[a-z]+(-[a-z]+)+-\d+$/.test(region)
      ? []
      : [`--region must be such as ${LOCAL_ACCOUNT.region}, got ${region}`]),
    ...(ACCOUNT_ID.test(account) ? [] : [`--account must be a number of twelve digits, got ${account}`]),
    ...(/^\d+(\.\d+)?$/.test(propagation)
      ? []
      : [`--propagation must be a number of seconds from 0, got ${propagation}`]),
  ];
  if (problems.length > 0) {
    throw new Error(problems.join("\n"));
  }
  return { port: Number(port), speed: Number(speed), region, account, propagationSeconds: Number(propagation) };
}

async function run(typed: Typed): Promise<void> {
  refuseWindows("local-aws");
  const options = read(typed);
  const toldToEnd = new Promise<void>(onInterruption);
  const started = await Promise.race([toldToEnd, start(typed, options)]);
  if (started === undefined) {
    process.exit(130); // What has begun to run ends with this process.
  }
  const { aws, python } = started;
  aws.disturbed.catch((error: unknown) => console.error(messageOf(error)));
  console.log(typed.json === true ? JSON.stringify(reachable(aws, python)) : welcome(aws, python, typed.speed));
  try {
    await Promise.race([toldToEnd, aws.broken]);
  } finally {
    await aws.close();
  }
}

async function start({ json }: Typed, options: Omit<LocalAwsOptions, "python">) {
  const { python } = await ensurePython(reportTo(json === true ? process.stderr : process.stdout));
  return { aws: await startLocalAws({ ...options, python }), python };
}

function reachable({ endpoint, account, environment }: LocalAws, python: string) {
  const { accountId, region } = account;
  return { endpoint, region, account: accountId, environment, faults: `${endpoint}/_local/faults`, python };
}

function welcome(aws: LocalAws, python: string, speed: string): string {
  const { endpoint, region, account, environment, faults } = reachable(aws, python);
  const exports = Object.entries(environment)
    .filter(([name]) => name.startsWith("AWS_") && !name.startsWith("AWS_SDK_JS"))
    .map(([name, value]) => `  export ${name}=${value}`);
  const fault = JSON.stringify({ kind: "aws-trouble", trouble: "throttling", services: ["sagemaker"] });
  return `
The local AWS is at ${endpoint}, in ${region} of account ${account}. Durations pass ${speed} times faster.
Any AWS client reaches it by these variables:

${exports.join("\n")}

  aws sagemaker list-endpoints
  ${python} -m awscli sagemaker list-endpoints
  ${python} -c 'import boto3; print(boto3.client("sts").get_caller_identity())'

These keys are new at each start, and nobody else can call this local AWS. Another region is another client's region. Another account's
number is the id of its access key, with the same secret:

  AWS_ACCESS_KEY_ID=210987654321 aws --region eu-west-1 sts get-caller-identity

Faults are ordered and called off by hand; ${faults}/kinds tells all:

  alias signed='${SIGNED_CURL}'
  signed -X PUT ${faults} -d '${fault}'
  signed -X DELETE ${faults}

Ctrl-C ends it. Nothing is kept.`;
}

program.parseAsync().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exitCode = 1;
});

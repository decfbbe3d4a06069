import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { DeleteRoleCommand, DeleteRolePolicyCommand, IAMClient } from "@aws-sdk/client-iam";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import { openRole } from "local-aws/testing/role";
import { testPython } from "pulumi-engine/testing/python";
import type { LocalProject } from "../../support/local-project";
import { longerTrips, put } from "./drift";

const ROOT = join(__dirname, "../../..");
const PROGRAM = /##+ Batch transforms\n.*?```python\n(?<program>.*?)```/s;

/**
 * Lets the program of docs/monitoring/drift-without-a-monitor.md predict longer trips in a batch, and tell which columns are far from the baseline. It is run as it
 * stands there, but looks at its jobs more often.
 */
export async function findsDriftInBatch(local: LocalProject): Promise<void> {
  await put(local, "trips/day.csv", await longerTrips(local));
  const { program = "" } =
    PROGRAM.exec(await readFile(join(ROOT, "docs/monitoring/drift-without-a-monitor.md"), "utf8"))?.groups ?? {};
  const role = await openRole(local.aws, "trips");
  const told = { BUCKET: local.account.bucket, RELEASE: "r1", ROLE_ARN: role };

  const { stdout } = await promisify(execFile)(
    testPython(),
    ["-B", "-c", program.replace('"Delay": 30', '"Delay": 0.2')],
    { cwd: ROOT, env: { PATH: process.env.PATH, ...local.aws.environment, ...told } },
  );

  const column = (name: string) => `${name} \\(distance 0\\.\\d{3}\\)`;
  expect(stdout).to.match(
    new RegExp(`^300 rows: violated by ${column("total_amount")}, ${column("trip_distance")}\\n$`),
  );
  const iam = new IAMClient(clientConfig(local.aws));
  await iam.send(new DeleteRolePolicyCommand({ RoleName: "trips", PolicyName: "everything" }));
  await iam.send(new DeleteRoleCommand({ RoleName: "trips" }));
}

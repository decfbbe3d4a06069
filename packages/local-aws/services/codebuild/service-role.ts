import { arn } from "../../core/account";
import { messageOf } from "../../core/failure";
import type { SessionKeys } from "../../core/local";
import type { Build } from "./build";
import { SERVICE, type CodeBuildLocal } from "./context";
import { BuildFailure } from "./failure";

/**
 * Keys of a build's service role, which must also let CodeBuild write the build's log.
 *
 * @throws BuildFailure `ACCESS_DENIED`
 */
export async function assumeServiceRole({ sessions, account }: CodeBuildLocal, build: Build): Promise<SessionKeys> {
  const { id, uuid, project } = build.order;
  const role = project.serviceRole ?? "";
  const denied = (what: string, error: unknown) => {
    return new BuildFailure(
      "ACCESS_DENIED",
      `Service role ${role} does not allow AWS CodeBuild to ${what}. Error message: ${messageOf(error)}`,
    );
  };
  let session: SessionKeys;
  try {
    session = await sessions.assumeAs(SERVICE, role, `AWSCodeBuild-${uuid}`);
  } catch (error) {
    throw denied("assume it", error);
  }
  if (build.log !== undefined) {
    const resource = arn(account, "logs", `log-group:${build.log.group}:log-stream:${build.log.stream}`);
    for (const action of ["logs:CreateLogStream", "logs:PutLogEvents"]) {
      try {
        await sessions.authorize(session, { action, resource });
      } catch (error) {
        throw denied(`create Amazon CloudWatch Logs log streams for build ${id}`, error);
      }
    }
  }
  return session;
}

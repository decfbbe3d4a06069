import {
  type DashboardValidationMessage,
  DeleteDashboardsCommand,
  GetDashboardCommand,
  ListDashboardsCommand,
  PutDashboardCommand,
} from "@aws-sdk/client-cloudwatch";
import type { Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import { messageOf } from "../../core/failure";
import { operation, type Operation } from "../../core/operation";
import type { TagsByArn } from "../../core/tags";
import { checkBody } from "./dashboard-body";
import { page } from "./paging";

const DASHBOARDS_PER_PAGE = 1000;

interface Dashboard {
  readonly body: string;
  readonly modifiedAt: Date;
}

/** The operations on dashboards: their bodies are checked and kept. */
export function dashboardOperations(clock: Clock, account: Account, tags: TagsByArn): readonly Operation[] {
  const dashboards = new Map<string, Dashboard>();
  // A dashboard belongs to the account, not to a region.
  const arnOf = (name: string) => `arn:aws:cloudwatch::${account.accountId}:dashboard/${name}`;
  const get = (name: string) => {
    const dashboard = dashboards.get(name);
    if (dashboard === undefined) {
      throw new AwsError("DashboardNotFoundError", `Dashboard ${name} does not exist`, 404);
    }
    return dashboard;
  };

  return [
    operation(PutDashboardCommand, (input) => {
      const { DashboardName: name, DashboardBody: body } = input;
      const warnings = warningsOn(body);
      if (!dashboards.has(name)) {
        tags.create(arnOf(name), input.Tags);
      }
      dashboards.set(name, { body, modifiedAt: clock.now() });
      return { DashboardValidationMessages: [...warnings] };
    }),
    operation(GetDashboardCommand, ({ DashboardName: name }) => ({
      DashboardArn: arnOf(name),
      DashboardBody: get(name).body,
      DashboardName: name,
    })),
    operation(ListDashboardsCommand, (input) => {
      const found = [...dashboards].filter(([name]) => name.startsWith(input.DashboardNamePrefix ?? ""));
      const { items, nextToken } = page(found, input.NextToken, DASHBOARDS_PER_PAGE);
      return {
        DashboardEntries: items.map(([name, { body, modifiedAt }]) => ({
          DashboardName: name,
          DashboardArn: arnOf(name),
          LastModified: modifiedAt,
          Size: Buffer.byteLength(body),
        })),
        NextToken: nextToken,
      };
    }),
    operation(DeleteDashboardsCommand, ({ DashboardNames: names }) => {
      // AWS deletes all of them or, where one does not exist, none.
      names.forEach(get);
      for (const name of names) {
        dashboards.delete(name);
        tags.forget(arnOf(name));
      }
      return {};
    }),
  ];
}

/** @throws AwsError `DashboardInvalidInputError` with all that is wrong with the body */
function warningsOn(body: string): readonly DashboardValidationMessage[] {
  const { problems, warnings } = checkBody(parsed(body));
  if (problems.length > 0) {
    const lines = problems.map(({ DataPath: dataPath, Message: message }) => ({ dataPath, message }));
    throw new AwsError(
      "DashboardInvalidInputError",
      `The dashboard body is invalid, there are ${problems.length} validation errors:\n${JSON.stringify(lines, null, 2)}`,
      400,
      { dashboardValidationMessages: problems },
    );
  }
  return warnings;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    const why = messageOf(error);
    const messages = [{ DataPath: "/", Message: why }];
    throw new AwsError(
      "DashboardInvalidInputError",
      `The field DashboardBody must be a valid JSON object: ${why}`,
      400,
      {
        dashboardValidationMessages: messages,
      },
    );
  }
}

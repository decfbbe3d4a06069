import {
  DeleteDashboardsCommand,
  GetDashboardCommand,
  ListDashboardsCommand,
  PutDashboardCommand,
} from "@aws-sdk/client-cloudwatch";
import { z } from "zod";
import type { Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import { messageOf } from "../../core/failure";
import { operation, type Operation } from "../../core/operation";
import type { TagsByArn } from "../../core/tags";
import { page } from "./paging";

const DASHBOARDS_PER_PAGE = 1000;

/** What CloudWatch asks of a dashboard's body, as far as every widget has it. */
const dashboardBody = z.looseObject({
  widgets: z.array(z.looseObject({ type: z.string(), properties: z.looseObject({}) })),
});

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
      checkBody(body);
      if (!dashboards.has(name)) {
        tags.create(arnOf(name), input.Tags);
      }
      dashboards.set(name, { body, modifiedAt: clock.now() });
      return { DashboardValidationMessages: [] };
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

function checkBody(body: string): void {
  const messages = problemsOf(body);
  if (messages.length > 0) {
    throw new AwsError(
      "DashboardInvalidInputError",
      `The field DashboardBody must be valid JSON with widgets: ${messages.map(({ Message }) => Message).join("; ")}`,
      400,
      { dashboardValidationMessages: messages },
    );
  }
}

function problemsOf(body: string): readonly { readonly DataPath: string; readonly Message: string }[] {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    return [{ DataPath: "/", Message: messageOf(error) }];
  }
  const { error } = dashboardBody.safeParse(value);
  return (error?.issues ?? []).map(({ path, message }) => {
    const at = `/${path.map(String).join("/")}`;
    return { DataPath: at, Message: `${at}: ${message}` };
  });
}

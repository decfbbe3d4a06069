/** Service Quotas: what an account of some age has of what this project counts against. Nothing here is held to them. */
import { ListServiceQuotasCommand, type ServiceQuota } from "@aws-sdk/client-service-quotas";
import type { Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import type { Service } from "../../core/http";
import { jsonRpcService } from "../../core/json-rpc";
import { operation } from "../../core/operation";
import { pager } from "../../core/paging";

const NAMES: Readonly<Record<string, string>> = {
  sagemaker: "Amazon SageMaker",
  codebuild: "AWS CodeBuild",
  lambda: "AWS Lambda",
};

const BUILDS = "Concurrently running builds for Linux/Medium environment";
const INSTANCE_TYPES = ["ml.t2.medium", "ml.t3.medium", "ml.m4.xlarge", "ml.m5.large", "ml.m5.xlarge"];
const USES = ["training job usage", "processing job usage", "endpoint usage"];

const instances = USES.flatMap((use) => INSTANCE_TYPES.map((type) => `${type} for ${use}`));
const VALUES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  sagemaker: Object.fromEntries(instances.map((name) => [name, 20])),
  codebuild: { [BUILDS]: 60 },
  lambda: { "Concurrent executions": 1000 },
};
/** Codes that are the same everywhere. Those of the others are made up here. */
const CODES: Readonly<Record<string, string>> = { "Concurrent executions": "L-B99A9384" };

const page = pager(
  100,
  () => new AwsError("InvalidPaginationTokenException", "Invalid pagination token was provided."),
);

export function serviceQuotas(account: Account): Service {
  return jsonRpcService("ServiceQuotas", [
    operation(ListServiceQuotasCommand, ({ ServiceCode, NextToken, MaxResults }) => {
      const values = VALUES[ServiceCode];
      if (values === undefined) {
        throw new AwsError(
          "NoSuchResourceException",
          "The request failed because the specified service does not exist.",
        );
      }
      const all = Object.entries(values).map(([name, value], i) => quotaOf(account, ServiceCode, name, value, i));
      const { items, nextToken } = page(all, NextToken, MaxResults);
      return { Quotas: items, NextToken: nextToken };
    }),
  ]);
}

function quotaOf(
  { region, accountId }: Account,
  ServiceCode: string,
  QuotaName: string,
  Value: number,
  index: number,
): ServiceQuota {
  const QuotaCode = CODES[QuotaName] ?? `L-${String(index + 1).padStart(8, "0")}`;
  return {
    ServiceCode,
    ServiceName: NAMES[ServiceCode],
    QuotaArn: `arn:aws:servicequotas:${region}:${accountId}:${ServiceCode}/${QuotaCode}`,
    QuotaCode,
    QuotaName,
    Value,
    Unit: "None",
    Adjustable: true,
    GlobalQuota: false,
    QuotaAppliedAtLevel: "ACCOUNT",
  };
}

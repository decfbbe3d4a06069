import { clientConfig, type Local } from "../../core/local";
import { signedFetch } from "../../core/signature";

/** Puts a message into an SQS queue. The SDK's client for SQS is not among the project's: this is its one call. */
export async function sendToQueue(
  local: Pick<Local, "account" | "endpoint">,
  queueArn: string,
  message: string,
  attributes: Readonly<Record<string, string>>,
): Promise<void> {
  const { endpoint, region, credentials } = clientConfig(local);
  const [, accountId = "", name = ""] = /^arn:aws:sqs:[^:]+:(\d{12}):(.+)$/.exec(queueArn) ?? [];
  const body = JSON.stringify({
    QueueUrl: `${endpoint}/${accountId}/${name}`,
    MessageBody: message,
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([key, StringValue]) => [key, { DataType: "String", StringValue }]),
    ),
  });
  const response = await signedFetch({ ...credentials, region, service: "sqs" }, endpoint, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessage" },
    body,
  });
  if (!response.ok) {
    throw new Error(`SQS answered ${response.status}: ${await response.text()}`);
  }
}

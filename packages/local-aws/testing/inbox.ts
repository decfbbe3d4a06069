import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { createServer } from "node:http";
import { clientConfig } from "../core/local";
import type { LocalAws } from "../server";

/** A message as an SNS topic delivered it. */
interface Delivered {
  readonly Subject: string;
  readonly Message: string;
}

/** An SNS topic with somebody who reads it. */
export interface Inbox {
  readonly topicArn: string;
  /** What has arrived so far, oldest first. */
  readonly messages: readonly Delivered[];
  close(): Promise<void>;
}

/** Makes a topic, and subscribes to it over HTTP. */
export async function inbox(aws: LocalAws, name: string): Promise<Inbox> {
  const messages: Delivered[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const message = JSON.parse(body) as Delivered & { readonly Type: string };
      if (message.Type === "Notification") {
        messages.push(message);
      }
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const sns = new SNSClient(clientConfig(aws));
  const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: name }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: `http://127.0.0.1:${port}/` }));
  return {
    topicArn: TopicArn,
    messages,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";

const runtime = new SageMakerRuntimeClient({});

/** Forwards a body to the endpoint and nothing else: the least that a handler with the AWS SDK does. */
export const handler = async ({ body }: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
  const { Body } = await runtime.send(
    new InvokeEndpointCommand({ EndpointName: process.env.ENDPOINT_NAME, Body: body ?? "", ContentType: "text/csv" }),
  );
  return { statusCode: 200, headers: { "Content-Type": "text/csv" }, body: Body.transformToString() };
};

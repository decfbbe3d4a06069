import type { Event } from "./api";

/** The context object that a handler is given. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
export function contextOf(event: Event): object {
  const clientContext: unknown = event.clientContext === undefined ? undefined : JSON.parse(event.clientContext);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: event.invokedFunctionArn,
    awsRequestId: event.requestId,
    clientContext,
    getRemainingTimeInMillis: () => event.deadline - Date.now(),
  };
}

import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";

const sageMaker = new SageMakerRuntimeClient();

/** Asks the model for the fares of some distances, one on a line, and answers them as people want them: `{"fares": ["20.00 USD"]}`. */
export async function handler({ body }) {
  const kilometres = (body ?? "").trim().split("\n").map(Number);
  if (!kilometres.every((distance) => distance > 0)) {
    return answer(400, { error: "each line must be a number of kilometres above 0" });
  }
  const { Body } = await sageMaker.send(
    new InvokeEndpointCommand({
      EndpointName: process.env.ENDPOINT_NAME, // that of the release which this version of the function belongs to
      ContentType: "text/csv",
      Accept: "application/json",
      Body: kilometres.join("\n"),
    }),
  );
  const { predictions } = JSON.parse(Body.transformToString());
  return answer(200, { fares: predictions.map(({ score }) => `${score.toFixed(2)} ${process.env.CURRENCY}`) });
}

const answer = (statusCode, value) => ({
  statusCode,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});

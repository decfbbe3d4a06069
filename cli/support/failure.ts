import { reported } from "../../lib/errors";

/** What can be done about errors that everybody meets once, by their names. */
const REMEDIES: Readonly<Record<string, string>> = {
  CredentialsProviderError: "set AWS_PROFILE or --profile, or log in: aws sso login",
  TokenProviderError: "log in again: aws sso login",
  ExpiredToken: "the credentials have expired: log in again, such as by aws sso login",
  ExpiredTokenException: "the credentials have expired: log in again, such as by aws sso login",
  UnrecognizedClientException:
    "the credentials are not valid in this account and region: look at AWS_PROFILE and AWS_ACCESS_KEY_ID",
  InvalidClientTokenId: "the credentials are not valid: look at AWS_PROFILE and AWS_ACCESS_KEY_ID",
  PipelineNotFoundException: "look at --model and --region; stack pipeline makes one: pulumi up --stack pipeline",
  EADDRINUSE: "something listens there already: name another --port",
  ECONNREFUSED: "nothing listens there: look at AWS_ENDPOINT_URL; does npm run local -- --keep still run?",
};

/** Why a command has failed, for people: what was wrong, and what to do where that is known. A stack only where it is a defect. */
export function failureOf(error: unknown): string {
  const { message } = reported(error);
  const names = error instanceof Error ? [error.name, "code" in error ? String(error.code) : ""] : [];
  const remedy = /Region is missing/.test(message)
    ? "set AWS_REGION or --region"
    : names.map((name) => REMEDIES[name]).find((one) => one !== undefined);
  return remedy === undefined ? message : `${message}\n${remedy}`;
}

import { AsyncLocalStorage } from "node:async_hooks";
import type { AwsCredentialIdentity, Provider } from "@smithy/types";
import { isThrottlingError, isTransientError } from "@smithy/core/retry";

type Credentials = Provider<AwsCredentialIdentity>;

/** Those of the call that is going on. The host makes several at once in one process, each for a resource of its own. */
const ofThisCall = new AsyncLocalStorage<Credentials | undefined>();

/** Does something whose AWS clients all have these credentials; with `undefined`, those that the SDK finds. */
export function actingWith<T>(credentials: Credentials | undefined, work: () => Promise<T>): Promise<T> {
  return ofThisCall.run(credentials, work);
}

/**
 * Settings of every AWS client here: the region, and where to get the credentials of another account. The rest is left to the SDK, which
 * reads it from the environment of this very call (`AWS_ENDPOINT_URL`, `AWS_PROFILE`, `AWS_MAX_ATTEMPTS`); no secret is an input, so none is
 * in the state.
 */
export function clientSettings(region: string) {
  const credentials = ofThisCall.getStore();
  return credentials === undefined ? { region } : { region, credentials };
}

/** Makes a call with a client. */
export type Caller<C> = <T>(call: (client: C) => Promise<T>) => Promise<T>;

/**
 * Keeps one client for many calls, and takes a fresh one where AWS says that the credentials have expired: a client remembers
 * those it has read, and somebody may have logged in again in the meantime.
 */
export function caller<C extends { destroy(): void }>(makeClient: () => C): Caller<C> {
  let client = makeClient();
  return async (call) => {
    try {
      return await call(client);
    } catch (error) {
      if (credentialsExpired(error)) {
        client.destroy();
        client = makeClient();
      }
      throw error;
    }
  };
}

/** Whether an AWS call failed in a way that passes by itself, or by logging in again: worth another try until the deadline. */
export function passes(error: unknown): boolean {
  return isPlainError(error) && (isThrottlingError(error) || isTransientError(error) || credentialsExpired(error));
}

/** An error whose cause, where it has one, is an error too: what the SDK's own judgement of errors asks for. */
function isPlainError(error: unknown): error is Error & { cause?: Error } {
  return error instanceof Error && (error.cause === undefined || error.cause instanceof Error);
}

/** `true` where AWS answered with this error code. */
export function answered(error: unknown, ...codes: readonly string[]): error is Error {
  return error instanceof Error && codes.includes(error.name);
}

function credentialsExpired(error: unknown): boolean {
  return (
    answered(error, "ExpiredTokenException", "ExpiredToken", "RequestExpired", "TokenRefreshRequired") ||
    (answered(error, "CredentialsProviderError") && /expired/i.test(error.message))
  );
}

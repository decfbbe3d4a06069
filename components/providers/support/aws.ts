import { AsyncLocalStorage } from "node:async_hooks";
import type { AwsCredentialIdentity, Provider } from "@smithy/types";
import { isThrottlingError, isTransientError } from "@smithy/core/retry";

type Credentials = Provider<AwsCredentialIdentity>;

/** The credentials of the current call. The host makes several calls at once in one process, each for another resource. */
const ofThisCall = new AsyncLocalStorage<Credentials | undefined>();

/** Runs `work`, whose AWS clients all use these credentials; with `undefined`, those that the SDK finds. */
export function actingWith<T>(credentials: Credentials | undefined, work: () => Promise<T>): Promise<T> {
  return ofThisCall.run(credentials, work);
}

/**
 * Settings of every AWS client here: the region, and where to get the credentials of another account. The SDK reads the rest from the
 * environment of this call (`AWS_ENDPOINT_URL`, `AWS_PROFILE`, `AWS_MAX_ATTEMPTS`). No secret is an input, so none is in the state.
 */
export function clientSettings(region: string) {
  const credentials = ofThisCall.getStore();
  return credentials === undefined ? { region } : { region, credentials };
}

/** Makes a call with a client. */
export type Caller<C> = <T>(call: (client: C) => Promise<T>) => Promise<T>;

/**
 * Keeps one client for many calls, and makes a new one when AWS says that the credentials have expired. A client remembers the credentials
 * that it has read, and somebody may have logged in again since.
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

/** Whether an AWS call failed in a way that passes by itself or by logging in again, so that another try is worth it. */
export function passes(error: unknown): boolean {
  return (
    isPlainError(error) &&
    (isThrottlingError(error) || isTransientError(withoutClockSkew(error)) || credentialsExpired(error))
  );
}

/**
 * The same error without the SDK's note that it has corrected this machine's clock. The SDK puts the note on whatever AWS answers to a
 * request with a wrong time, and takes every error with it for one that passes: an AccessDenied too.
 */
function withoutClockSkew<E extends Error & { $metadata?: object }>(error: E): E {
  const metadata = { ...error.$metadata, clockSkewCorrected: undefined };
  return new Proxy(error, {
    get: (target, key): unknown => (key === "$metadata" ? metadata : Reflect.get(target, key)),
  });
}

/** An error whose cause, if any, is an error too. The SDK's own classification of errors needs that. */
function isPlainError(error: unknown): error is Error & { cause?: Error } {
  return error instanceof Error && (error.cause === undefined || error.cause instanceof Error);
}

/** `true` if AWS answered with this error code. */
export function answered(error: unknown, ...codes: readonly string[]): error is Error {
  return error instanceof Error && codes.includes(error.name);
}

function credentialsExpired(error: unknown): boolean {
  return (
    answered(error, "ExpiredTokenException", "ExpiredToken", "RequestExpired", "TokenRefreshRequired") ||
    (answered(error, "CredentialsProviderError") && /expired/i.test(error.message))
  );
}

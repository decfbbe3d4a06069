import type { Problem } from "./properties";
import { type Value, type Values, isBlock, isList, parseJson, reveal, textOf } from "./values";

/** Keys that requests are signed with. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** A role to act as. */
interface AssumedRole {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly externalId: string | undefined;
}

/** As whom the provider acts, where that is not whom the environment says. */
export interface Credentials {
  /** @default - of the environment */
  readonly keys: Keys | undefined;
  /** Assumed one after another, each by the one before it. */
  readonly roles: readonly AssumedRole[];
}

/** Settings of the provider that say as whom it acts. */
export const CREDENTIAL_SETTINGS = ["accessKey", "secretKey", "token", "assumeRoles"] as const;
const ROLE_SETTINGS = ["roleArn", "sessionName", "externalId"];

/** What of these settings is not known here, or cannot be used. */
export function credentialProblems(config: Values): readonly Problem[] {
  const half = (config.accessKey === undefined) !== (config.secretKey === undefined);
  const ofKeys = half ? [{ property: "accessKey", reason: "accessKey and secretKey must be set together" }] : [];
  return [...ofKeys, ...rolesOf(config.assumeRoles).flatMap(roleProblems)];
}

function roleProblems(role: Value): readonly Problem[] {
  const settings = isBlock(role) ? role : {};
  const unknown = Object.keys(settings).filter((name) => !ROLE_SETTINGS.includes(name));
  const missing = settings.roleArn === undefined ? ["roleArn must be set for each role"] : [];
  return [
    ...unknown.map((name) => `the local AWS provider does not know ${name} (it knows ${ROLE_SETTINGS.join(", ")})`),
    ...missing,
  ].map((reason) => ({ property: "assumeRoles", reason }));
}

export function credentialsOf(config: Values): Credentials {
  const { accessKey, secretKey, token } = config;
  return {
    keys:
      accessKey === undefined || secretKey === undefined
        ? undefined
        : {
            accessKeyId: textOf(reveal(accessKey)),
            secretAccessKey: textOf(reveal(secretKey)),
            ...(token === undefined ? {} : { sessionToken: textOf(reveal(token)) }),
          },
    roles: rolesOf(config.assumeRoles)
      .filter(isBlock)
      .map(({ roleArn, sessionName, externalId }) => ({
        roleArn: textOf(roleArn),
        sessionName: sessionName === undefined ? "pulumi" : textOf(sessionName),
        externalId: externalId === undefined ? undefined : textOf(externalId),
      })),
  };
}

/** The provider's configuration holds lists as JSON in text. */
function rolesOf(setting: Value | undefined): readonly Value[] {
  const roles = typeof setting === "string" ? parseJson(setting) : setting;
  return isList(roles) ? roles : [];
}

/** What SDK clients take as `credentials`; `undefined` leaves it to the environment. Clients ask again when what they got expires. */
export function keysFor(
  { keys, roles }: Credentials,
  client: { readonly endpoint: string; readonly region: string },
): Keys | (() => Promise<Keys>) | undefined {
  return roles.reduce<Keys | (() => Promise<Keys>) | undefined>(
    (before, role) => () => assume(role, { ...client, ...(before === undefined ? {} : { credentials: before }) }),
    keys,
  );
}

async function assume(
  { roleArn, sessionName, externalId }: AssumedRole,
  config: { readonly endpoint: string; readonly region: string; readonly credentials?: Keys | (() => Promise<Keys>) },
): Promise<Keys> {
  const { AssumeRoleCommand, STSClient } = await import("@aws-sdk/client-sts");
  const client = new STSClient(config);
  try {
    const { Credentials } = await client.send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: sessionName, ExternalId: externalId }),
    );
    return {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken ?? "",
      ...(Credentials?.Expiration === undefined ? {} : { expiration: Credentials.Expiration }),
    };
  } finally {
    client.destroy();
  }
}

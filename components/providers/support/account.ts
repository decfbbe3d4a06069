import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { fromIni, fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import type { dynamic } from "@pulumi/pulumi";
import { z } from "zod";
import { actingWith, caller, clientSettings } from "./aws";
import { changed, isKnown, problems, text } from "./inputs";
import type { Provider } from "./provider";
import { Waiter, type Timing } from "./waiter";

/** A role to act as, in the words of the AWS provider. */
export interface AssumedRole {
  roleArn: string;
  sessionName?: string;
  externalId?: string;
}

/** The account of a resource, and how to get from the environment's credentials to it. */
export interface Account {
  id: string;
  /** Profile in AWS's own files that has the credentials. @default - the credentials of the environment */
  profile?: string;
  /** Roles to assume, each with the credentials of the one before it. @default - none */
  assumeRoles?: AssumedRole[];
}

/** Says in which account a resource is. A state that an earlier version has written lacks it. */
export interface InAccount {
  account?: Account;
}

type Regional = Timing & { region: string };

const schema = z.object({
  account: z
    .strictObject({
      id: text(/^\d{12}$/, "the 12 digits of an AWS account"),
      profile: z.string().min(1).optional(),
      assumeRoles: z
        .array(
          z.strictObject({
            roleArn: z.string().min(1),
            sessionName: z.string().optional(),
            externalId: z.string().optional(),
          }),
        )
        .optional(),
    })
    .optional(),
});

/**
 * The same behaviour in the account that the inputs name. Pulumi does not tell a dynamic resource its AWS provider (pulumi/pulumi#5455), so
 * the components do, in this one input. The behaviour itself does not know about it.
 */
export function inAccount<I extends Regional, O extends I>(
  behaviour: Provider<I, O>,
): Provider<I & InAccount, O & InAccount> {
  return {
    async check(olds, news) {
      const { inputs, failures } = await behaviour.check(without(olds), without(news));
      return { inputs: inputs && within(inputs, news), failures: [...(failures ?? []), ...accountProblems(news)] };
    },

    async diff(id, olds, news) {
      const {
        changes,
        replaces = [],
        ...rest
      } = await actingWith(lookingIn(news), () => behaviour.diff(id, without(olds), without(news)));
      // What a provider was not given, such as a profile, the engine does not know in a preview. That alone is no change.
      const known = olds.account !== undefined && news.account !== undefined && isKnown(news.account);
      const moved = known && olds.account?.id !== news.account?.id;
      return {
        ...rest,
        changes: changes === true || (known && changed<InAccount, "account">(["account"], olds, news).length > 0),
        replaces: moved ? [...replaces, "account"] : replaces,
      };
    },

    async create(inputs) {
      const { id, outs } = await acting(inputs, () => behaviour.create(without(inputs)));
      return { id, outs: outs && within(outs, inputs) };
    },

    async read(id, props) {
      if (props === undefined) {
        return behaviour.read(id);
      }
      const found = await acting(props, () => behaviour.read(id, without(props)));
      return { ...found, ...(found.props && { props: within(found.props, props) }) };
    },

    async update(id, olds, news) {
      const { outs } = await acting(news, () => behaviour.update(id, without(olds), without(news)));
      return { outs: outs && within(outs, news) };
    },

    async delete(id, props) {
      await acting(props, () => behaviour.delete(id, without(props)));
    },
  };
}

function accountProblems({ account }: InAccount): dynamic.CheckFailure[] {
  return problems(schema, { account });
}

/** Runs `work` with the credentials of an account. @throws if the credentials belong to another account. */
async function acting<T>(inputs: Regional & InAccount, work: () => Promise<T>): Promise<T> {
  const { account, region } = inputs;
  if (account === undefined) {
    return work();
  }
  try {
    return await actingWith(credentials(account, region), async () => {
      const waiter = new Waiter(`account ${account.id}`, inputs);
      const sts = caller(() => new STSClient(clientSettings(region)));
      const { Account: actual } = await waiter.call(() =>
        sts((client) => client.send(new GetCallerIdentityCommand({}))),
      );
      if (actual !== account.id) {
        throw new Error(
          `the credentials belong to account ${actual ?? "unknown"}, but the resource's AWS provider belongs to account ${account.id}: ` +
            "give that provider a profile or assumeRoles. Its keys are not passed on, since they would then be in the state",
        );
      }
      return work();
    });
  } catch (error) {
    // The engine keeps these properties of a failed resource.
    if (error instanceof Error && "properties" in error) {
      Object.assign(Object(error.properties), { account });
    }
    throw error;
  }
}

/** Credentials for a look at AWS in a preview, in which the account may not be known yet. */
function lookingIn({ account, region }: Regional & InAccount) {
  return account !== undefined && isKnown(account) ? credentials(account, region) : undefined;
}

/** Where to get credentials; `undefined` leaves it to the SDK. */
function credentials({ profile, assumeRoles = [] }: Account, region: string) {
  const first = profile === undefined ? undefined : fromIni({ profile, clientConfig: { region } });
  return assumeRoles.reduce(
    (masterCredentials, { roleArn, sessionName = "sagemaker-safe-deploy", externalId }) =>
      fromTemporaryCredentials({
        ...(masterCredentials && { masterCredentials }),
        params: { RoleArn: roleArn, RoleSessionName: sessionName, ExternalId: externalId },
        clientConfig: { region },
      }),
    first,
  );
}

function without<T extends object>(value: T & InAccount): T {
  const rest = { ...value };
  Reflect.deleteProperty(rest, "account");
  return rest;
}

function within<T extends object>(value: T, { account }: InAccount): T & InAccount {
  return account === undefined ? value : { ...value, account };
}

import { gunzipSync } from "node:zlib";
import { arn, type Account } from "../../../core/account";
import type { HttpRequest, HttpResponse } from "../../../core/http";
import type { Permission } from "../../../core/local";
import { Fields } from "./fields";

/** A request as far as it decides which permissions it needs. */
export interface Call {
  /** IAM's prefix of the service, such as `codedeploy`. */
  readonly service: string;
  /** AWS's name of the operation. */
  readonly operation: string;
  readonly input: Fields;
  readonly account: Account;
  readonly door: Door;
}

/** Asks a service something in the account's name: some resources are only known to their service. */
export interface Door {
  /** @param signedName the service as signatures name it */
  ask(signedName: string, request: Partial<HttpRequest>): Promise<HttpResponse>;
}

/** The permissions that a call of one operation needs. */
export type Rule = (call: Call) => readonly Permission[] | Promise<readonly Permission[]>;

/** What the operations of one service need, by their names. An operation that is not here is refused. */
export type Rules = Readonly<Record<string, Rule>>;

/** Tells an ARN, or several, from a call. */
export type Resource = (call: Call) => string | readonly string[] | Promise<string | readonly string[]>;

/** The operation's own action on the resource, or `*` for an operation that has none. */
export function on(resource: Resource = () => "*", ...further: readonly Rule[]): Rule {
  return together(action(resource), ...further);
}

/** What several rules ask for, in their order. */
export function together(...rules: readonly Rule[]): Rule {
  return (call) => all(rules, call);
}

async function all(rules: readonly Rule[], call: Call): Promise<readonly Permission[]> {
  const found: Permission[] = [];
  for (const rule of rules) {
    found.push(...(await rule(call)));
  }
  return found;
}

/** Another action on a resource. @param name @default - the operation's own */
export function action(resource: Resource, name?: string): Rule {
  return async (call) => {
    const arns = await resource(call);
    const full = name ?? `${call.service}:${call.operation}`;
    return (typeof arns === "string" ? [arns] : arns).map((each) => ({ action: full, resource: each }));
  };
}

/** Further rules for calls that set a member. */
export function whenGiven(member: string, ...rules: readonly Rule[]): Rule {
  return async (call) => (call.input.has(member) ? all(rules, call) : []);
}

/** Handing a role to a service, where the call names one. */
export function passRole(member: string, toService: string): Rule {
  return ({ input }) => (input.has(member) ? [passing(input.text(member), toService)] : []);
}

export function passing(roleArn: string, toService: string): Permission {
  return { action: "iam:PassRole", resource: roleArn, context: { "iam:PassedToService": toService } };
}

/** An ARN of the call's own service, account and region, of which members of the input replace `{these}`. */
export function named(pattern: string): (call: Call) => string {
  return (call) =>
    local(
      call,
      pattern.replace(/\{(\w+)\}/g, (_, member: string) => call.input.text(member)),
    );
}

/** A member of the input that is an ARN already. */
export function given(member: string): Resource {
  return ({ input }) => input.text(member);
}

export function local({ account, service }: Call, resource: string): string {
  return arn(account, service === "monitoring" ? "cloudwatch" : service, resource);
}

/** The same with condition keys. */
export function withContext(rule: Rule, context: (call: Call) => NonNullable<Permission["context"]>): Rule {
  return async (call) => (await rule(call)).map((permission) => ({ ...permission, context: context(call) }));
}

/** Calls an operation of a service that speaks AWS JSON. @param target header `X-Amz-Target` */
export async function askJson(door: Door, signedName: string, target: string, input: object): Promise<Fields> {
  const response = await door.ask(signedName, {
    method: "POST",
    path: "/",
    headers: { "x-amz-target": target, "content-type": "application/x-amz-json-1.1" },
    body: Buffer.from(JSON.stringify(input)),
  });
  // Where the service knows no such thing, its own refusal follows; what it is about is then nothing in particular.
  return response.status === 200 ? fieldsOf(response.body) : new Fields({});
}

export function fieldsOf(body: Uint8Array | string): Fields {
  // Not `Buffer.from`, which the SDK's own bodies take for a wish for a string, and warn.
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  try {
    return new Fields(text === "" ? {} : JSON.parse(text));
  } catch {
    return new Fields({});
  }
}

/** A request's body as it was before it was compressed, which clients do with large ones. */
export function bodyOf({ headers, body }: HttpRequest): Uint8Array {
  return headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
}

/** The form that a request of AWS's Query protocol carries. */
export function formOf(request: HttpRequest): URLSearchParams {
  return request.method === "GET" ? request.query : new URLSearchParams(Buffer.from(bodyOf(request)).toString("utf8"));
}

/** Condition keys of a request and their values; keys in lower case, for IAM does not tell their cases apart. */
export type Context = ReadonlyMap<string, readonly string[]>;

/** A character that must be there, or a wildcard. */
type Token = { readonly character: string } | "any" | "one";

/**
 * Whether a text matches a pattern in which `*` stands for any characters and `?` for one. Policy variables, such as
 * `${aws:PrincipalArn}`, are replaced by the request's value; one without a value makes the pattern match nothing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function like(pattern: string, text: string, context: Context = new Map()): boolean {
  const tokens = tokensOf(pattern, context, true);
  return tokens !== undefined && matches(tokens, text);
}

/** A text of a policy with its variables replaced; its wildcards are ordinary characters. */
export function substituted(text: string, context: Context): string | undefined {
  return tokensOf(text, context, false)
    ?.map((token) => (typeof token === "object" ? token.character : ""))
    .join("");
}

/** An ARN's parts: `arn`, partition, service, region, account, and all that follows. */
const ARN_PARTS = 6;

/** The same for ARNs, of which each of the six parts is matched by itself, so that no `*` reaches over a colon into the next part. */
export function arnLike(pattern: string, arn: string, context: Context = new Map()): boolean {
  if (pattern === "*") {
    return true;
  }
  const wanted = arnParts(pattern);
  const parts = arnParts(arn);
  return (
    wanted.length === ARN_PARTS &&
    parts.length === ARN_PARTS &&
    wanted.every((part, i) => like(part, parts[i] ?? "", context))
  );
}

/** Empty where the text is no ARN. */
function arnParts(text: string): readonly string[] {
  const parts: string[] = [];
  let rest = text;
  while (parts.length < ARN_PARTS - 1) {
    // The name of a variable has colons too.
    const [whole, part] = /^((?:\$\{[^}]*\}|[^:])*):/s.exec(rest) ?? [];
    if (whole === undefined || part === undefined) {
      return [];
    }
    parts.push(part);
    rest = rest.slice(whole.length);
  }
  return [...parts, rest];
}

function tokensOf(pattern: string, context: Context, wildcards: boolean): readonly Token[] | undefined {
  const tokens: Token[] = [];
  for (const [part] of pattern.matchAll(/\$\{[^}]*\}|[^]/gu)) {
    if (part.length > 3 && part.startsWith("${")) {
      const value = variable(part.slice(2, -1), context);
      if (value === undefined) {
        return undefined;
      }
      tokens.push(...Array.from(value, (character) => ({ character })));
    } else if (wildcards && part === "*") {
      tokens.push("any");
    } else {
      tokens.push(wildcards && part === "?" ? "one" : { character: part });
    }
  }
  return tokens;
}

/** `${*}`, `${?}` and `${$}` are the characters themselves; `${key, 'text'}` has a value for when there is none. */
function variable(inside: string, context: Context): string | undefined {
  if (["*", "?", "$"].includes(inside)) {
    return inside;
  }
  const [, key = "", standIn] = /^\s*([^,\s]+)\s*(?:,\s*'(.*)'\s*)?$/s.exec(inside) ?? [];
  const values = context.get(key.toLowerCase());
  return values?.length === 1 ? values[0] : standIn;
}

/** In time that grows with the lengths only: at a mismatch, the last `*` takes one character more. */
function matches(tokens: readonly Token[], text: string): boolean {
  const characters = Array.from(text);
  let token = 0;
  let at = 0;
  let retryToken = -1;
  let retryAt = 0;
  while (at < characters.length) {
    const wanted = tokens[token];
    if (wanted === "any") {
      retryToken = token;
      retryAt = at;
      token += 1;
    } else if (wanted === "one" || (wanted !== undefined && wanted.character === characters[at])) {
      token += 1;
      at += 1;
    } else if (retryToken >= 0) {
      token = retryToken + 1;
      retryAt += 1;
      at = retryAt;
    } else {
      return false;
    }
  }
  return tokens.slice(token).every((left) => left === "any");
}

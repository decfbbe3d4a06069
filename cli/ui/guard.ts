import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Why a request is refused. */
export interface Refusal {
  readonly status: 401 | 403 | 405;
  readonly text: string;
}

/**
 * Who may use the page: whoever has its token, which the terminal has told. The token comes in the URL of the first request, and in a cookie
 * from then on. Pages of others cannot use it: a browser sends their origin along, and a name of theirs that leads to this machine (DNS
 * rebinding) is not this host.
 */
export class Guard {
  readonly token = randomBytes(24).toString("base64url");

  constructor(private readonly port: number) {}

  /** Why a request is refused; `undefined` if it is not. */
  refusal({ method = "", headers }: IncomingMessage, { pathname, searchParams }: URL): Refusal | undefined {
    if (method !== (pathname.startsWith(ORDERS) ? "POST" : "GET")) {
      return { status: 405, text: `${method} ${pathname} is not allowed` };
    }
    const { host = "", origin, "sec-fetch-site": site } = headers;
    if (![`127.0.0.1:${this.port}`, `localhost:${this.port}`].includes(host)) {
      return { status: 403, text: `this is not ${host}: call it 127.0.0.1:${this.port}` };
    }
    const isOrder = method === "POST";
    if (isOrder ? origin !== `http://${host}` : origin !== undefined && origin !== `http://${host}`) {
      return { status: 403, text: `pages of ${origin ?? "nowhere"} may not call this one` };
    }
    const isOpened = pathname === "/" && this.isToken(searchParams.get("token"));
    if (isOpened) {
      return undefined;
    }
    if (site !== undefined && site !== "same-origin" && site !== "none") {
      return { status: 403, text: `a request that is ${site} may not call this page` };
    }
    return this.isToken(this.cookieOf(headers.cookie))
      ? undefined
      : { status: 401, text: "open the address that safe-deploy ui has printed: it has a token in it" };
  }

  /** What tells a browser the token. Cookies have no port, so its name has it. */
  get cookie(): string {
    return `${this.cookieName}=${this.token}; HttpOnly; SameSite=Strict; Path=/`;
  }

  private get cookieName(): string {
    return `safe-deploy-${this.port}`;
  }

  private cookieOf(header = ""): string | null {
    const pairs = header.split(/; */).map((pair) => pair.split("="));
    return pairs.find(([name]) => name === this.cookieName)?.[1] ?? null;
  }

  /** In constant time, whatever is given. */
  private isToken(given: string | null): boolean {
    const digest = (text: string) => createHash("sha256").update(text).digest();
    return timingSafeEqual(digest(given ?? ""), digest(this.token));
  }
}

/** Where orders are posted to, each by its name. */
export const ORDERS = "/orders/";

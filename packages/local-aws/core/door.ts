import { AwsError } from "./aws-error";
import { credentialOf, signedService, type Admission, type HttpResponse, type RequestHead } from "./http";
import { errorResponse } from "./json-rpc";

const MIB = 1024 * 1024;

/** Objects are kept in memory. AWS takes 5 GiB at once. */
const MOST_OF_OBJECT_BYTES = 512 * MIB;
/** An API refuses more than 10 MiB itself, in its own words. */
const MOST_OF_API_CALL_BYTES = 11 * MIB;
/** What AWS takes for `CreateFunction`, the longest request of all services but S3. */
const MOST_BYTES = 70_167_211;

/**
 * Decides, before its body is read, whether a request may come in at all. Whoever may call the local AWS may run programs as this user,
 * and any web page that this user opens may send requests to this machine. So a request is refused that
 *
 * - is for another host than this machine: a page's own name may lead here (DNS rebinding);
 * - comes from a page, since browsers say so;
 * - is not signed. The signature is checked later, as it is over the body.
 *
 * Callers of APIs need no signature and may be pages, as on AWS: the API decides.
 */
export function admit(head: RequestHead): Admission {
  const isApiCall = head.path.startsWith("/_aws/execute-api/");
  const refusal = foreignHost(head) ?? (isApiCall ? undefined : (page(head) ?? unsigned(head)));
  const most = isApiCall ? MOST_OF_API_CALL_BYTES : signedService(head) === "s3" ? MOST_OF_OBJECT_BYTES : MOST_BYTES;
  const tooLong = refused("RequestEntityTooLargeException", `the local AWS takes at most ${most} bytes of a body`, 413);
  return { refusal, maxBytes: most, tooLong };
}

function foreignHost({ headers }: RequestHead): HttpResponse | undefined {
  const host = headers.host ?? "";
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i.test(host)
    ? undefined
    : refused("AccessDeniedException", `the local AWS is not ${host}: call it 127.0.0.1 or localhost`);
}

function page({ headers }: RequestHead): HttpResponse | undefined {
  const site = headers.origin ?? headers["sec-fetch-site"];
  return site === undefined
    ? undefined
    : refused("AccessDeniedException", "the local AWS takes no requests of browsers, except to its APIs");
}

function unsigned(head: RequestHead): HttpResponse | undefined {
  return credentialOf(head) === undefined
    ? refused(
        "MissingAuthenticationToken",
        "the request is not signed: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as the local AWS has told them",
      )
    : undefined;
}

function refused(code: string, message: string, status = 403): HttpResponse {
  return errorResponse(new AwsError(code, message, status), "application/json");
}

import { LOCAL_ACCOUNT } from "../core/account";
import type { RoleSessions } from "../core/local";

/** For services that are tested without IAM: every role may do everything, by the account's own keys. */
export const NO_SESSIONS: RoleSessions = {
  assume: () => ({ ...LOCAL_ACCOUNT, sessionToken: "" }),
  assumeAs: async () => ({ ...LOCAL_ACCOUNT, sessionToken: "" }),
  sessionOf: () => {
    throw new Error("this test knows no sessions");
  },
  authorize: async () => undefined,
};

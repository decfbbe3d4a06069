import { expect } from "chai";
import { credentialsOf } from "../../credentials";
import { secret } from "../../values";

describe("the credentials of an aws.Provider", () => {
  it("are its keys, which the engine hands over as secrets", () => {
    const { keys } = credentialsOf({
      accessKey: secret("210987654321"),
      secretKey: secret("key"),
      token: secret("token"),
    });
    expect(keys).to.deep.equal({ accessKeyId: "210987654321", secretAccessKey: "key", sessionToken: "token" });
  });
});

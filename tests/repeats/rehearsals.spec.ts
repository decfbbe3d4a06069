import { scenarios } from "../../local/rehearsals/scenarios";
import { plays, REPEATED } from "../support/rehearsals";

describe("npm run local -- rehearse, what other tests prove too", function () {
  this.timeout(1_200_000);

  plays(scenarios.filter(({ name }) => name in REPEATED));
});

import { join, resolve } from "node:path";
import { compare, type Benchmark, type Case } from "./measure";
import { CALL, Model } from "./predict/called";
import { Share } from "./processor-share";

const ROOT = resolve(__dirname, "..");

/** "At 1,769 MB, a function has the equivalent of one vCPU": https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MB_OF_ONE_PROCESSOR = 1769;

/** Sizes of the function that are compared. */
const SIZES_MB = [MB_OF_ONE_PROCESSOR, 1024, 512, 256] as const;

/** How long `predict` takes with the share of a processor that Lambda gives for its memory. */
export const functionSizes: Benchmark = {
  tells:
    "time of `predict` with the share of a processor that Lambda gives a function of 256, 512, 1024 and 1769 MB; needs Linux and root",
  async run(options) {
    const model = await Model.start();
    const shares: Share[] = [];
    try {
      for (const megabytes of SIZES_MB) {
        shares.push(await Share.make(megabytes / MB_OF_ONE_PROCESSOR));
      }
      const figures = [];
      for (const kind of ["cold", "warm"] as const) {
        const [first, ...others] = shares.map((share, index): Case => ({
          name: `${SIZES_MB[index] ?? ""} MB, ${kind}`,
          round: () => {
            const [command, ...args] = share.limited([...CALL, join(ROOT, "dist/handlers/predict/index.js")]);
            return model.called(command, args, kind);
          },
        }));
        figures.push(...(first === undefined ? [] : await compare([first, ...others], options)));
      }
      return figures;
    } finally {
      await Promise.all(shares.map((share) => share.remove()));
      model.close();
    }
  },
};

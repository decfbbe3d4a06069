// Loads a handler and calls it, as Lambda's Node runtime does: call.cjs HANDLER cold|warm|settled EVENT
const [, , file, kind, event] = process.argv;

const context = () => ({ awsRequestId: crypto.randomUUID(), getRemainingTimeInMillis: () => 30_000 });

/** Takes the time and processor time of some work, in milliseconds for each call. */
async function timed(calls, work) {
  const [began, used] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(used);
  return { ms: (performance.now() - began) / calls, "CPU-s": (user + system) / 1e6 / calls };
}

// What the handler writes is for CloudWatch.
const { write } = process.stdout;
process.stdout.write = () => true;

async function main() {
  let handler;
  const call = async () => {
    const { statusCode, body } = await handler(JSON.parse(event), context());
    if (statusCode !== 200) {
      throw new Error(`the handler answered ${statusCode}: ${body}`);
    }
  };
  const cold = await timed(1, async () => {
    ({ handler } = require(file));
    await call();
  });
  if (kind === "cold") {
    return cold;
  }
  for (let warmingUp = 0; warmingUp < (kind === "warm" ? 200 : 5000); warmingUp++) {
    await call();
  }
  return timed(500, async () => {
    for (let calls = 0; calls < 500; calls++) {
      await call();
    }
  });
}

main().then(
  (sample) => write.call(process.stdout, JSON.stringify(sample), () => process.exit()),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);

import { createServer, request as forward, type Server } from "node:http";

/** A wire to AWS that can be cut. */
export class Wire {
  private requests = 0;
  private cutAt = Infinity;
  private reached = false;

  private constructor(
    private readonly server: Server,
    readonly endpoint: string,
  ) {}

  static async to(endpoint: string): Promise<Wire> {
    const target = new URL(endpoint);
    const server = createServer((incoming, outgoing) => {
      const index = wire.requests++;
      const isPassed = index < wire.cutAt || (index === wire.cutAt && wire.reached);
      if (!isPassed) {
        incoming.socket.destroy();
        return;
      }
      const { method, url: path, headers } = incoming;
      const passed = forward({ host: target.hostname, port: target.port, method, path, headers }, (answer) => {
        if (index >= wire.cutAt) {
          answer.resume().on("end", () => incoming.socket.destroy());
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(passed);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const wire = new Wire(server, `http://127.0.0.1:${port}`);
    return wire;
  }

  /** How many requests something makes. */
  async count(action: () => Promise<void>): Promise<number> {
    this.mend();
    await action();
    return this.requests;
  }

  /** From this request on, counted from now, nothing gets through. @param reached whether this one still reaches AWS, but no answer comes back */
  cut(request: number, reached: boolean): void {
    this.mend();
    Object.assign(this, { cutAt: request, reached });
  }

  mend(): void {
    Object.assign(this, { requests: 0, cutAt: Infinity });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}

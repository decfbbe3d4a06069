import { GetAliasCommand, InvokeCommand, UpdateAliasCommand } from "@aws-sdk/client-lambda";
import { AwsError } from "../../core/aws-error";
import type { Service } from "../../core/http";
import { operation } from "../../core/operation";
import { restJsonService } from "../../core/rest-json";

/** As much of Lambda as CodeDeploy uses: one alias, which records where it was moved, and hooks, which record their calls. */
export class FakeLambda {
  version = "1";
  weights: Record<string, number> = {};
  /** Where the alias was moved, such as `1 + 10 % 2`, and how many milliseconds after the move before. */
  readonly moves: string[] = [];
  readonly movedAt: number[] = [];
  /** Payloads with which hooks were called. */
  readonly calls: { readonly hook: string; readonly payload: Record<string, string> }[] = [];
  /** What a hook does when it is called. */
  onInvoke: (hook: string, payload: Record<string, string>) => void = () => undefined;
  /** Errors with which the next calls to the alias are answered, in this order. */
  readonly errors: AwsError[] = [];
  private revision = 0;

  /** Moves the alias as somebody else would. */
  move(version: string, weights: Record<string, number> = {}): void {
    this.version = version;
    this.weights = weights;
    this.revision += 1;
  }

  readonly service: Service = restJsonService("Lambda", [
    operation(GetAliasCommand, ({ Name }) => {
      this.failIfOrdered();
      if (Name !== "live") {
        throw new AwsError("ResourceNotFoundException", `Cannot find alias ${Name}`, 404);
      }
      return this.alias();
    }),
    operation(UpdateAliasCommand, (input) => {
      this.failIfOrdered();
      if (input.RevisionId !== String(this.revision)) {
        throw new AwsError("PreconditionFailedException", "The revision is another one.", 412);
      }
      this.move(input.FunctionVersion ?? "", input.RoutingConfig?.AdditionalVersionWeights ?? {});
      const shares = Object.entries(this.weights).map(
        ([version, weight]) => ` + ${Math.round(weight * 100)} % ${version}`,
      );
      this.moves.push(this.version + shares.join(""));
      this.movedAt.push(Date.now());
      return this.alias();
    }),
    operation(InvokeCommand, (input) => {
      if (input.FunctionName === "absent") {
        throw new AwsError("ResourceNotFoundException", "Function not found: absent", 404);
      }
      const bytes: unknown = input.Payload;
      const payload: unknown = JSON.parse(bytes instanceof Uint8Array ? Buffer.from(bytes).toString() : "{}");
      const texts = Object.fromEntries(Object.entries(payload ?? {}).map(([name, value]) => [name, String(value)]));
      this.calls.push({ hook: `${input.FunctionName} ${input.InvocationType ?? ""}`, payload: texts });
      setImmediate(() => this.onInvoke(input.FunctionName, texts));
      return { StatusCode: 202 };
    }),
  ]);

  private alias() {
    return {
      Name: "live",
      FunctionVersion: this.version,
      RoutingConfig: { AdditionalVersionWeights: this.weights },
      RevisionId: String(this.revision),
    };
  }

  private failIfOrdered(): void {
    const error = this.errors.shift();
    if (error !== undefined) {
      throw error;
    }
  }
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { MODEL_FOLDER, readModel, type Model } from "../../lib/model";

const settings = z.object({ config: z.record(z.string(), z.unknown()).nullish() }).nullish();

/** A Pulumi project in a folder, as far as its files tell. */
export class Project {
  constructor(readonly folder: string) {}

  /**
   * Value of a stack's config, as `Pulumi.<stack>.yaml` has it; `undefined` if it has none. A secret is none.
   *
   * @param key such as `bucket` or `aws:region`
   */
  value(stack: string, key: string): string | undefined {
    const own = this.raw(stack, key);
    return ["string", "number", "boolean"].includes(typeof own) ? String(own) : undefined;
  }

  /** The same of a value that has members, which the file may also have as JSON. */
  structure(stack: string, key: string): unknown {
    const own = this.raw(stack, key);
    return typeof own === "string" && own.startsWith("{") ? JSON.parse(own) : own;
  }

  /** The model that a folder of the project defines; `undefined` if there is no such folder. */
  model(folder = this.value("pipeline", "modelFolder") ?? MODEL_FOLDER): Model | undefined {
    const path = join(this.folder, folder);
    return existsSync(path) ? readModel(path) : undefined;
  }

  private raw(stack: string, key: string): unknown {
    return Object.entries(this.config(stack)).find(([name]) => name === key || name.endsWith(`:${key}`))?.[1];
  }

  private config(stack: string): Readonly<Record<string, unknown>> {
    const file = join(this.folder, `Pulumi.${stack}.yaml`);
    if (!existsSync(file)) {
      return {};
    }
    const { data, error } = settings.safeParse(parse(readFileSync(file, "utf8")));
    if (error !== undefined) {
      throw new Error(`${file} is no config of a stack: ${z.prettifyError(error)}`);
    }
    return data?.config ?? {};
  }
}

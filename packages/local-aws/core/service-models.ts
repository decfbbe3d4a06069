import { gunzipSync } from "node:zlib";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const named = z.object({ shape: z.string() });
const shape = z.object({
  type: z.string(),
  members: z
    .record(z.string(), named.extend({ location: z.string().optional(), locationName: z.string().optional() }))
    .optional(),
  required: z.array(z.string()).optional(),
  member: named.optional(),
  key: named.optional(),
  value: named.optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  pattern: z.string().optional(),
  enum: z.array(z.string()).optional(),
});
const model = z.object({
  operations: z.record(
    z.string(),
    z.object({
      http: z.object({ method: z.string(), requestUri: z.string(), responseCode: z.number().optional() }),
      input: named.optional(),
      output: named.optional(),
    }),
  ),
  shapes: z.record(z.string(), shape),
});

/** AWS's own description of a service: its operations and what they take and answer. */
export type ServiceModel = z.infer<typeof model>;

/** The model of a service by its name in botocore, such as `sagemaker`. */
export type ServiceModels = (service: string) => ServiceModel;

/** Reads the models of `dataDir` (botocore's `data` folder), each when it is first asked for. */
export function readServiceModels(dataDir: string): ServiceModels {
  const models = new Map<string, ServiceModel>();
  return (service) => {
    const known = models.get(service) ?? load(dataDir, service);
    models.set(service, known);
    return known;
  };
}

function load(dataDir: string, service: string): ServiceModel {
  const versions = readdirSync(join(dataDir, service)).sort();
  const file = join(dataDir, service, versions.at(-1) ?? "", "service-2.json.gz");
  return model.parse(JSON.parse(gunzipSync(readFileSync(file)).toString("utf8")));
}

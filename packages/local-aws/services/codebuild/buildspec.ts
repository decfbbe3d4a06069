import { parse } from "yaml";
import { z } from "zod";
import { messageOf } from "../../core/failure";
import { BuildFailure } from "./failure";

/** The phases of a buildspec, in their order. */
export const SPEC_PHASES = ["install", "pre_build", "build", "post_build"] as const;
export type SpecPhase = (typeof SPEC_PHASES)[number];

const command = z.string();
const phase = z.strictObject({
  commands: z.array(command).optional(),
  finally: z.array(command).optional(),
  "on-failure": z.enum(["ABORT", "CONTINUE"]).optional(),
});
const files = z.union([z.string().transform((one) => [one]), z.array(z.string()).min(1)]);
const no = z.literal(["no", false]).optional();
const artifact = z.strictObject({
  files,
  name: z.string().optional(),
  "base-directory": z.string().optional(),
  "discard-paths": z
    .literal(["yes", "no", true, false])
    .transform((value) => value === "yes" || value === true)
    .optional(),
  "exclude-paths": files.optional(),
  "enable-symlinks": no,
});
/** https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html */
const buildspecFile = z.strictObject({
  version: z.literal([0.2, "0.2"], "must be 0.2"),
  env: z
    .strictObject({
      shell: z.literal("bash").optional(),
      variables: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).optional(),
      "exported-variables": z.array(z.string()).optional(),
      "git-credential-helper": no,
    })
    .optional(),
  phases: z.strictObject({
    install: phase.extend({ "runtime-versions": z.record(z.string(), z.unknown()).optional() }).optional(),
    pre_build: phase.optional(),
    build: phase.optional(),
    post_build: phase.optional(),
  }),
  artifacts: artifact
    .extend({ files: files.optional(), "secondary-artifacts": z.record(z.string(), artifact).optional() })
    .optional(),
  cache: z.unknown().optional(),
});

export interface PhaseSpec {
  readonly commands: readonly string[];
  /** Run after the commands, whether they succeeded or not. */
  readonly finally: readonly string[];
  readonly onFailure: "ABORT" | "CONTINUE" | undefined;
}

/** Which files of a build become an artifact. */
export interface ArtifactSpec {
  readonly files: readonly string[];
  readonly excluded: readonly string[];
  /** May name variables of the environment. */
  readonly baseDirectory: string;
  readonly discardPaths: boolean;
  readonly name: string | undefined;
}

export interface Buildspec {
  readonly variables: Readonly<Record<string, string>>;
  readonly exportedVariables: readonly string[];
  readonly phases: Readonly<Partial<Record<SpecPhase, PhaseSpec>>>;
  readonly artifact: ArtifactSpec | undefined;
  readonly secondaryArtifacts: Readonly<Record<string, ArtifactSpec>>;
  /** What it asks for and this CodeBuild does without, for the log. */
  readonly ignored: readonly string[];
}

/**
 * Reads a buildspec. What it holds and this CodeBuild does not know is refused by name.
 *
 * @throws BuildFailure `YAML_FILE_ERROR` with every mistake in it
 */
export function parseBuildspec(text: string): Buildspec {
  const file = buildspecFile.safeParse(parsed(text));
  if (!file.success) {
    throw yamlError(file.error.issues.map(problem).join("; "));
  }
  const { env = {}, phases, artifacts, cache } = file.data;
  const runtimes = Object.keys(phases.install?.["runtime-versions"] ?? {});
  const { "secondary-artifacts": secondary = {}, files: primaryFiles, ...primary } = artifacts ?? {};
  return {
    variables: env.variables ?? {},
    exportedVariables: env["exported-variables"] ?? [],
    phases: Object.fromEntries(
      SPEC_PHASES.flatMap((name) => {
        const spec = phases[name];
        return spec === undefined ? [] : [[name, phaseSpec(spec)]];
      }),
    ),
    artifact: primaryFiles === undefined ? undefined : artifactSpec({ ...primary, files: primaryFiles }),
    secondaryArtifacts: Object.fromEntries(
      Object.entries(secondary).map(([identifier, spec]) => [identifier, artifactSpec(spec)]),
    ),
    ignored: [
      ...(runtimes.length > 0 ? [`runtime-versions (${runtimes.join(", ")}): what this machine has is used`] : []),
      ...(cache === undefined ? [] : ["cache: nothing is kept between builds"]),
    ],
  };
}

function phaseSpec(spec: z.infer<typeof phase>): PhaseSpec {
  return { commands: spec.commands ?? [], finally: spec.finally ?? [], onFailure: spec["on-failure"] };
}

function artifactSpec(spec: z.infer<typeof artifact>): ArtifactSpec {
  return {
    files: spec.files,
    excluded: spec["exclude-paths"] ?? [],
    baseDirectory: spec["base-directory"] ?? ".",
    discardPaths: spec["discard-paths"] ?? false,
    name: spec.name,
  };
}

function parsed(text: string): unknown {
  try {
    const value: unknown = parse(text);
    return value;
  } catch (error) {
    throw yamlError(messageOf(error));
  }
}

function problem(issue: z.core.$ZodIssue): string {
  const at = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const names = issue.keys.map((key) => (at === "" ? key : `${at}.${key}`));
    return `${names.join(", ")}: not part of the local AWS's CodeBuild`;
  }
  return at === "" ? issue.message : `${at}: ${issue.message}`;
}

const yamlError = (why: string) => new BuildFailure("YAML_FILE_ERROR", why);

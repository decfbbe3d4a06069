/** This process's environment for git: where a git hook runs us, its variables mean another repository than the one we name. */
export function gitEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_")));
}

/** Options for where commits and branches are made: as they are whatever the user signs and checks. */
export const UNSIGNED_AND_UNCHECKED = ["-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null"] as const;

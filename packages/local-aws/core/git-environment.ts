/** This process's environment for git, without a git hook's variables, which would point at another repository than the one we name. */
export function gitEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_")));
}

/** Options for making commits and branches, so that the user's signing and hooks have no effect. */
export const UNSIGNED_AND_UNCHECKED = ["-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null"] as const;

import type { PulumiProject, Stack } from "../../local/journey/project";

/** Somebody who works by the Pulumi CLI, on a machine of their own, with the state that the pipeline's builds keep. */
export class Operator {
  constructor(private readonly project: PulumiProject) {}

  /** Takes over a stack's config as its last update had it. */
  private async take(stack: Stack): Promise<void> {
    await this.project.run(["stack", "select", stack]);
    await this.project.run(["config", "refresh", "--force", "--stack", stack]);
  }

  async outputs(stack: Stack): Promise<Readonly<Record<string, unknown>>> {
    await this.project.run(["stack", "select", stack]);
    return this.project.outputs(stack);
  }

  /** Fails where AWS is not as the state says, or where an update with the same config would change anything. */
  async expectNoChanges(stack: Stack): Promise<void> {
    await this.take(stack);
    await this.project.run(["preview", "--refresh", "--stack", stack, "--expect-no-changes", "--diff"]);
  }

  /** `pulumi up` with some values of the config changed. */
  async up(stack: Stack, values: Readonly<Record<string, string>>): Promise<void> {
    await this.take(stack);
    for (const [key, value] of Object.entries(values)) {
      await this.project.run(["config", "set", key, value, "--stack", stack]);
    }
    await this.project.run(["up", "--yes", "--skip-preview", "--stack", stack]);
  }

  /** What a shell needs to work as this person does. */
  shell() {
    return this.project.shell();
  }

  stop(): Promise<void> {
    return this.project.stop();
  }
}

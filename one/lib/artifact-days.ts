/** Whether artifacts are kept for a day longer at least than somebody may approve them. */
export function outlast(artifactDays: number, approvalTimeoutMinutes: number): boolean {
  return (artifactDays - 1) * 1440 >= approvalTimeoutMinutes;
}

/** Whether artifacts are kept at least a day longer than an approval may take. */
export function outlast(artifactDays: number, approvalTimeoutMinutes: number): boolean {
  return (artifactDays - 1) * 1440 >= approvalTimeoutMinutes;
}

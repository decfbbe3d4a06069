/**
 * Refuses to run where the local AWS cannot: its builds run in bash, and its parts speak by sockets in the file system.
 *
 * @param command for the message, such as `npm run local`
 */
export function refuseWindows(command: string, platform: NodeJS.Platform = process.platform): void {
  if (platform === "win32") {
    throw new Error(
      `${command} does not run on Windows itself: start it in the Windows Subsystem for Linux, https://learn.microsoft.com/windows/wsl/install`,
    );
  }
}

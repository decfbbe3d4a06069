/**
 * What a glob of CodeBuild's and CodePipeline's matches, for paths without a leading slash: `*` stays within a folder, `**` goes across
 * folders, and `**` with a slash also stands for no folder at all.
 */
export function globPattern(glob: string): RegExp {
  const path = glob.replace(/^\.\//, "").replace(/\/+$/, "");
  const parts = path.split(/(\*\*\/|\*\*|\*|\?)/).map((part) => {
    switch (part) {
      case "**/":
        return "(?:.*/)?";
      case "**":
        return ".*";
      case "*":
        return "[^/]*";
      case "?":
        return "[^/]";
      default:
        return part.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    }
  });
  return new RegExp(`^${parts.join("")}$`, "s");
}

import { z } from "zod";

const lines = z.union([z.string(), z.array(z.string()).transform((parts) => parts.join(""))]);

/** A notebook's file, as far as tests read it. */
export const notebookFile = z.object({
  cells: z.array(
    z.object({
      id: z.string(),
      cell_type: z.string(),
      source: lines,
      execution_count: z.number().nullish(),
      outputs: z
        .array(
          z.object({
            text: lines.optional(),
            data: z.record(z.string(), z.unknown()).optional(),
          }),
        )
        .optional(),
    }),
  ),
});

/** What a cell has shown, as text. Of a table its cells, one after the other. */
export function textOf(cells: z.infer<typeof notebookFile>["cells"], id: string): string {
  const { outputs = [] } = cells.find((cell) => cell.id === id) ?? {};
  return outputs.map(({ text, data = {} }) => text ?? ofTable(data["text/html"]) ?? plain(data["text/plain"])).join("");
}

const plain = (data: unknown) => lines.optional().parse(data) ?? "";

function ofTable(data: unknown): string | undefined {
  const html = lines.optional().parse(data);
  return html
    ?.replace(/<style[^]*?<\/style>/g, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ");
}

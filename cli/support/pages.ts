/** The items of all pages of a paginator of the AWS SDK. */
export async function itemsOf<Page, Item>(
  pages: AsyncIterable<Page>,
  items: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const found: Item[] = [];
  for await (const page of pages) {
    found.push(...(items(page) ?? []));
  }
  return found;
}

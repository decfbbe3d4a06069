/** Members of a JSON value whose shape is not known. */
export class Fields {
  constructor(private readonly value: unknown) {}

  /** Whether a member is there and is not empty. */
  has(name: string): boolean {
    const member = this.member(name);
    return typeof member === "object" && member !== null
      ? Object.keys(member).length > 0
      : member !== undefined && member !== null;
  }

  /** Empty where it is not there. */
  text(name: string): string {
    const member = this.member(name);
    return typeof member === "string" || typeof member === "number" || typeof member === "boolean"
      ? String(member)
      : "";
  }

  texts(name: string): readonly string[] {
    return this.list(name).map((item) => String(item));
  }

  at(name: string): Fields {
    return new Fields(this.member(name));
  }

  items(name: string): readonly Fields[] {
    return this.list(name).map((item) => new Fields(item));
  }

  /** The same with further members. */
  with(members: Readonly<Record<string, string>>): Fields {
    const own = typeof this.value === "object" ? this.value : {};
    return new Fields({ ...own, ...members });
  }

  /** Members that are texts. */
  entries(): readonly (readonly [string, string])[] {
    return typeof this.value === "object" && this.value !== null && !Array.isArray(this.value)
      ? Object.entries(this.value).flatMap(([name, value]) =>
          typeof value === "string" ? [[name, value] as const] : [],
        )
      : [];
  }

  private member(name: string): unknown {
    const { value } = this;
    return typeof value === "object" && value !== null
      ? new Map<string, unknown>(Object.entries(value)).get(name)
      : undefined;
  }

  private list(name: string): readonly unknown[] {
    const member: unknown = this.member(name);
    return Array.isArray(member) ? Array.from<unknown>(member) : [];
  }
}

// @ts-check
import { Application, ReflectionKind } from "typedoc";

/** What must have a doc comment. */
const DOCUMENTED =
  ReflectionKind.Class |
  ReflectionKind.Interface |
  ReflectionKind.TypeAlias |
  ReflectionKind.Variable |
  ReflectionKind.Property;

/**
 * A plugin of TypeDoc that says where the reference is not complete: every name and field has a doc comment, and what may be left out says
 * by `@default` what it is then. TypeDoc itself knows only whether there is a comment, and asks for one also where it could say nothing: of
 * a child of a component, whose key and type say it all, of a field that has one possible value, and of the members of a type without a
 * name, which the comment of the whole explains.
 *
 * @param {Application} app
 */
export function load(app) {
  app.on(Application.EVENT_VALIDATE_PROJECT, (project) => {
    for (const reflection of project.getReflectionsByKind(DOCUMENTED)) {
      const name = reflection.getFriendlyFullName();
      if (/(Nodes|Transforms|__type)\./.test(name) || isLiteral(reflection)) {
        continue;
      }
      if (!reflection.hasComment()) {
        app.logger.validationWarning(`${name} has no doc comment`);
      }
      if (reflection.flags.isOptional && !reflection.comment?.blockTags.some(({ tag }) => tag === "@default")) {
        app.logger.validationWarning(`${name} may be left out, and has no @default`);
      }
    }
  });
}

/** @param {import("typedoc").Reflection} reflection */
const isLiteral = (reflection) => reflection.isDeclaration() && reflection.type?.type === "literal";

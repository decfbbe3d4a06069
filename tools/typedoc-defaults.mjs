// @ts-check
import { Application, ReflectionKind } from "typedoc";

/**
 * A plugin of TypeDoc, which itself knows only whether there is a comment: what may be left out of a component's arguments must say, by
 * `@default`, what it is then.
 *
 * @param {Application} app
 */
export function load(app) {
  app.on(Application.EVENT_VALIDATE_PROJECT, (project) => {
    for (const property of project.getReflectionsByKind(ReflectionKind.Property)) {
      const saysDefault = property.comment?.blockTags.some(({ tag }) => tag === "@default" || tag === "@defaultValue");
      if (property.flags.isOptional && !saysDefault) {
        app.logger.validationWarning(`${property.getFriendlyFullName()} may be left out, and has no @default`);
      }
    }
  });
}

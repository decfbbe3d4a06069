import { ActionFailure } from "./failure";

/** `#{namespace.key}` */
const REFERENCE = /#\{([A-Za-z0-9@_-]+)\.([A-Za-z0-9@_-]+)\}/g;

/** The references to variables in a text. */
export function references(
  text: string,
): readonly { readonly text: string; readonly namespace: string; readonly key: string }[] {
  return [...text.matchAll(REFERENCE)].map(([whole, namespace = "", key = ""]) => ({ text: whole, namespace, key }));
}

/**
 * Puts values in the place of variables.
 *
 * @throws ActionFailure if there is no such variable
 */
export function resolved(
  configuration: Readonly<Record<string, string>>,
  namespaces: ReadonlyMap<string, Readonly<Record<string, string>>>,
): Record<string, string> {
  const entries = Object.entries(configuration).map(([name, text]) => {
    const value = text.replace(REFERENCE, (reference, namespace: string, key: string) => {
      const found = namespaces.get(namespace)?.[key];
      if (found === undefined) {
        throw new ActionFailure(
          "InvalidConfiguration",
          `An action configuration variable could not be resolved. ActionConfigurationKey=[${name}], VariableReferenceText=[${reference}]`,
        );
      }
      return found;
    });
    return [name, value] as const;
  });
  return Object.fromEntries(entries);
}

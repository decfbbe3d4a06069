import { relative, resolve } from "node:path";
import { MODEL_FOLDER, readModel, type Model } from "../../lib/model";
import { root } from "./run";

/** The model of the project itself. */
export const ownModel = () => modelIn(MODEL_FOLDER);

/** The model of a folder, which is named from the project's folder. */
export function modelIn(folder: string): Model {
  return readModel(resolve(root, folder));
}

/** A model's folder as the stacks' config names it. */
export function folderOf({ folder }: Model): string {
  return relative(root, folder);
}

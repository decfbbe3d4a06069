import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { unzipSync } from "fflate";
import { AwsError } from "../../core/aws-error";
import { messageOf } from "../../core/failure";

/** A deployment package, unpacked. */
export interface FunctionCode {
  /** As AWS shows it: SHA-256 of the zip in Base64. */
  readonly sha256: string;
  /** Of the zip. */
  readonly sizeInBytes: number;
  readonly folder: string;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAXIMUM_UNZIPPED_BYTES = 262_144_000;

/** Deployment packages as folders, one for each content, for Node to load functions from. */
export class CodeFolders {
  /** @param root made when the first package comes */
  constructor(private readonly root: string) {}

  /** @throws InvalidParameterValueException if the bytes are no zip or unpack to more than 250 MB */
  unpack(zip: Uint8Array): FunctionCode {
    const digest = createHash("sha256").update(zip).digest();
    const folder = join(this.root, digest.toString("hex"));
    if (!existsSync(folder)) {
      this.write(folder, filesOf(zip));
    }
    return { sha256: digest.toString("base64"), sizeInBytes: zip.byteLength, folder };
  }

  private write(folder: string, files: Readonly<Record<string, Uint8Array>>): void {
    this.provideSdk();
    const unfinished = `${folder}.part`;
    mkdirSync(unfinished, { recursive: true });
    for (const [name, bytes] of Object.entries(files)) {
      const path = resolve(unfinished, name);
      if (!path.startsWith(unfinished + sep)) {
        throw new AwsError("InvalidParameterValueException", `The zip has an entry outside of its folder: ${name}`);
      }
      if (name.endsWith("/")) {
        mkdirSync(path, { recursive: true });
      } else {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, bytes);
      }
    }
    renameSync(unfinished, folder);
  }

  /** Lambda's Node runtimes come with the AWS SDK: here a function finds the clients that this project has installed. */
  private provideSdk(): void {
    const modules = join(this.root, "node_modules");
    if (existsSync(modules)) {
      return;
    }
    mkdirSync(modules, { recursive: true });
    // The package `client-lambda` lies in the folder that all of them share; its entry is below dist-cjs/.
    const clients = dirname(dirname(dirname(require.resolve("@aws-sdk/client-lambda"))));
    symlinkSync(clients, join(modules, "@aws-sdk"), "junction");
  }
}

function filesOf(zip: Uint8Array): Readonly<Record<string, Uint8Array>> {
  let unzippedBytes = 0;
  const files = unzip(zip, (size) => {
    unzippedBytes += size;
    return unzippedBytes < MAXIMUM_UNZIPPED_BYTES;
  });
  if (unzippedBytes >= MAXIMUM_UNZIPPED_BYTES) {
    throw new AwsError(
      "InvalidParameterValueException",
      `Unzipped size must be smaller than ${MAXIMUM_UNZIPPED_BYTES} bytes`,
    );
  }
  return files;
}

function unzip(zip: Uint8Array, wants: (size: number) => boolean): Readonly<Record<string, Uint8Array>> {
  try {
    return unzipSync(zip, { filter: (file) => wants(file.originalSize) });
  } catch (error) {
    throw new AwsError(
      "InvalidParameterValueException",
      `Could not unzip uploaded file. Please check your file, then try to upload again. (${messageOf(error)})`,
    );
  }
}

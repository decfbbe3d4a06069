import {
  DeleteLayerVersionCommand,
  GetLayerVersionCommand,
  ListLayersCommand,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
} from "@aws-sdk/client-lambda";
import { operation, type Operation } from "../../core/operation";
import type { LambdaContext } from "./context";
import { zipOf } from "./functions";
import type { LayerVersion } from "./layer-store";
import { notPlayed, page } from "./settings";

/** What describes a layer and nothing here would look at. */
const NOT_PLAYED = ["CompatibleArchitectures", "CompatibleRuntimes", "LicenseInfo"] as const;

/** Layers: publishing, listing and deleting them. */
export function layerOperations({ local, layers, code }: LambdaContext): readonly Operation[] {
  const described = (of: LayerVersion) => ({
    LayerVersionArn: layers.arnOf(of),
    Version: of.version,
    Description: of.description,
    CreatedDate: of.createdAt.toISOString().replace("Z", "+0000"),
  });
  // Without `Content.Location`: nothing here would answer under such an address.
  const shown = (of: LayerVersion) => ({
    ...described(of),
    LayerArn: layers.layerArn(of.layer),
    Content: { CodeSha256: of.code.sha256, CodeSize: of.code.sizeInBytes },
  });
  return [
    operation(PublishLayerVersionCommand, (input) => {
      const unplayed = NOT_PLAYED.find((name) => input[name] !== undefined);
      if (unplayed !== undefined) {
        throw notPlayed(unplayed, JSON.stringify(input[unplayed]));
      }
      const { LayerName: layer, Description: description = "" } = input;
      return shown(
        layers.publish(layer, {
          description,
          code: code.unpack(zipOf(input.Content)),
          createdAt: local.clock.now(),
        }),
      );
    }),

    operation(GetLayerVersionCommand, (input) => shown(layers.get(input.LayerName, input.VersionNumber))),

    operation(ListLayersCommand, (input) => {
      const latest = new Map(layers.list().map((one) => [one.layer, one]));
      const { items, nextToken } = page([...latest.values()], input.Marker, input.MaxItems);
      return {
        Layers: items.map((one) => ({
          LayerName: one.layer,
          LayerArn: layers.layerArn(one.layer),
          LatestMatchingVersion: described(one),
        })),
        NextMarker: nextToken,
      };
    }),

    operation(ListLayerVersionsCommand, (input) => {
      const versions = layers.list().filter((one) => one.layer === input.LayerName);
      const { items, nextToken } = page(versions.reverse(), input.Marker, input.MaxItems);
      return { LayerVersions: items.map(described), NextMarker: nextToken };
    }),

    // A version that is not there is as good as deleted.
    operation(DeleteLayerVersionCommand, (input) => {
      const found = layers.find(input.LayerName, input.VersionNumber);
      if (found !== undefined) {
        layers.remove(found);
      }
      return {};
    }),
  ];
}

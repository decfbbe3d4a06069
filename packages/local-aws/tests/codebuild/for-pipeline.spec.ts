import { expect } from "chai";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { rejection } from "../core/support";
import { Fixture, KEY, phasesOf } from "./fixture";

describe("CodeBuild and CodePipeline", function () {
  this.timeout(30_000);
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start();
  });
  afterEach(() => fixture.close());

  describe("a build for CodePipeline", () => {
    const source = zipSync({
      "buildspec.yml": strToU8(`version: 0.2
phases:
  build:
    commands:
      - cat "$CODEBUILD_SRC_DIR_Data/data.json"
      - echo
      - echo "$CODEBUILD_INITIATOR $CODEBUILD_RESOLVED_SOURCE_VERSION $CODEBUILD_SOURCE_VERSION"
      - mkdir -p out/deep && echo a > out/a.txt && echo b > out/deep/b.json && echo c > out/deep/c.txt
artifacts:
  base-directory: out
  files: ["**/*"]
  exclude-paths: ["deep/c.txt"]
  secondary-artifacts:
    Flat:
      base-directory: $CODEBUILD_SRC_DIR/out
      discard-paths: yes
      files: ["*/*.json", a.txt]
`),
    });
    const data = zipSync({ "data.json": strToU8('{"rows":1}') });
    const secondarySourcesOverride = [
      { type: "CODEPIPELINE" as const, location: "store/release/Data/x.zip", sourceIdentifier: "Data" },
    ];

    it("takes its sources from S3 and puts its artifacts there, encrypted, as the service's role", async () => {
      fixture.s3.put("store/release/Git/y.zip", source);
      fixture.s3.put("store/release/Data/x.zip", data);
      await fixture.createProject();
      const target = { type: "CODEPIPELINE" as const, location: "store" };
      const id = await fixture.startForPipeline({
        sourceLocationOverride: "store/release/Git/y.zip",
        sourceVersion: "abc123",
        secondarySourcesOverride,
        artifactsOverride: { ...target, name: "release/BuildOut/z.zip" },
        secondaryArtifactsOverride: [{ ...target, name: "release/Flat/w.zip", artifactIdentifier: "Flat" }],
      });
      const build = await fixture.ended(id);
      expect(build.buildStatus).to.equal("SUCCEEDED");
      expect(fixture.printed.filter((line) => line !== "")).to.deep.equal([
        '{"rows":1}',
        "codepipeline/release abc123 arn:aws:s3:::store/release/Git/y.zip",
      ]);
      const main = fixture.s3.latest("store/release/BuildOut/z.zip");
      expect(main).to.include({ kmsKey: KEY, writer: "KEYOFbuild" });
      expect(Object.keys(unzipSync(main.body)).sort()).to.deep.equal(["a.txt", "deep/b.json"]);
      const flat = unzipSync(fixture.s3.latest("store/release/Flat/w.zip").body);
      expect(Object.entries(flat).map(([name, bytes]) => `${name} ${strFromU8(bytes)}`)).to.have.members([
        "a.txt a\n",
        "b.json b\n",
      ]);
      expect(build).to.deep.include({
        initiator: "codepipeline/release",
        sourceVersion: "arn:aws:s3:::store/release/Git/y.zip",
        resolvedSourceVersion: "abc123",
      });
      expect(build.artifacts!.location).to.equal("arn:aws:s3:::store/release/BuildOut/z.zip");
      expect(fixture.s3.requests.every((request) => request.endsWith("by KEYOFbuild"))).to.equal(true);
    });

    it("fails in the phase where a source, the buildspec or an artifact is missing", async () => {
      await fixture.createProject();
      const missing = await fixture.ended(await fixture.startForPipeline({ sourceLocationOverride: "store/none.zip" }));
      expect(phasesOf(missing)).to.include("DOWNLOAD_SOURCE FAILED");
      fixture.s3.put("store/empty.zip", zipSync({ "a.txt": strToU8("a") }));
      const empty = await fixture.ended(await fixture.startForPipeline({ sourceLocationOverride: "store/empty.zip" }));
      expect(empty.phases!.at(-3)!.contexts![0]!.message).to.match(/^stat .*buildspec.yml: no such file or directory$/);
      const buildspecOverride = 'version: 0.2\nphases: {}\nartifacts: { files: ["no/*"] }';
      const artifactsOverride = { type: "CODEPIPELINE" as const, location: "store", name: "out.zip" };
      const overrides = { sourceLocationOverride: "store/empty.zip", buildspecOverride, artifactsOverride };
      const bare = await fixture.ended(await fixture.startForPipeline(overrides));
      expect(bare.phases!.at(-3)).to.deep.include({ phaseType: "UPLOAD_ARTIFACTS", phaseStatus: "FAILED" });
      expect(bare.phases!.at(-3)!.contexts![0]!.message).to.equal("no matching artifact paths found for no/*");
    });

    it("is started by CodePipeline only, and of a project that is meant for it", async () => {
      await fixture.createProject();
      expect((await rejection(fixture.startBuild())).name).to.equal("InvalidInputException");
      await fixture.createInline({ phases: {} }, { name: "other" });
      const other = fixture.startForPipeline({ projectName: "other" });
      expect((await rejection(other)).name).to.equal("InvalidInputException");
    });
  });
});

import pulumi from "@pulumi/eslint-plugin";
import tseslint from "typescript-eslint";

export default tseslint.config(
  // Programs of their own: the tests that run the examples compile them against the package.
  { ignores: ["**/dist", "**/out", "**/.local", ".types", "**/node_modules", "examples", "docs/comparison"] },
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { "@pulumi": pulumi },
    rules: {
      "@pulumi/no-output-in-template-literal": "error",
      "@typescript-eslint/consistent-type-assertions": ["error", { assertionStyle: "never" }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      // An operation or a provider method may answer at once where its interface allows it to wait.
      "@typescript-eslint/require-await": "off",
      // Constructing a Pulumi resource is what declares it.
      "no-new": "off",
    },
  },
  {
    files: ["**/tests/**/*.ts", "**/testing/**/*.ts"],
    rules: {
      // chai's property assertions, and a value after a test's own find.
      "@typescript-eslint/no-unused-expressions": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      // What a test looks into (state files, recorded inputs) has no type of its own.
      "@typescript-eslint/consistent-type-assertions": "off",
    },
  },
);

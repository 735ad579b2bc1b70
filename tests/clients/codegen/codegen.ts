import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "schema.graphql",
  documents: ["codegen/program.ts"],
  emitLegacyCommonJSImports: false,
  generates: {
    "codegen/generated/": {
      preset: "client",
      presetConfig: { persistedDocuments: { hashAlgorithm: "sha256" } },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        scalars: {
          Date: "string",
          DateTime: "string",
          Locale: "string",
          PartialDateInput: "string",
        },
      },
    },
  },
};

export default config;

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
          ChangeCursor: "string",
          Date: "string",
          DateTime: "string",
          JSON: "unknown",
          Locale: "string",
          MapInput: "Record<string, string | number>",
          PartialDateInput: "string",
          TextInput: "string | Record<string, string>",
        },
      },
    },
  },
};

export default config;

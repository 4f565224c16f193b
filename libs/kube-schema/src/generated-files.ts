/** Where the build puts the generated schemas: beside src and dist, so that both find them. */

export const SCHEMAS_FILE = new URL('../generated/schemas.json', import.meta.url);
export const DESCRIPTIONS_FILE = new URL('../generated/descriptions.json', import.meta.url);

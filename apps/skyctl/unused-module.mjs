/** Stands in the bundle for modules that are imported but never used (see build.mjs). */
export default {};

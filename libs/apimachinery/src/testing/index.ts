/** For tests of code that implements or uses the API machinery. */
export { describeBackend, type BackendFixture } from './store.contract.js';
export { configMapDefinition, testSchemas, widgetDefinition } from './definitions.js';
export { collectEvents, testContext } from './watch-reader.js';
export { serveTestApi, type ServedApi } from './served-api.js';

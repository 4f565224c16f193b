/** The fault suite; its random numbers serve other tests too. */
export { Random } from './random.js';

export { InvalidQuantityError, parseBytes, parseCpu, parseQuantity, quantityProblem } from './resources/quantity.js';
export { formatBytes, formatCpu, humanAmount, humanBytes } from './resources/format.js';
export {
  type QuantityMap,
  addResources,
  maxResources,
  parseAmount,
  parseResourceList,
  scaleResources,
  subtractResources,
} from './resources/resource-list.js';
export { type ContainerResources, type PodResources, podRequests } from './resources/pod-requests.js';

/**
 * Jest's environment for Node, in contexts whose globals are ordinary ones. Jest makes a context of a Proxy, so that each `Map`, `Math` or
 * `Object` that a module names is asked of it: what computes much took twice the time there (libs/domain/src/mesh/native-service.unit: 2.5
 * and 1.1 seconds of a CPU). Such a context is as much a realm of its own as the other (https://nodejs.org/api/vm.html, DONT_CONTEXTIFY).
 */
import { createRequire } from 'node:module';
import { TestEnvironment } from 'jest-environment-node';

/** As Jest has it: what is changed in an ES module's view of it, others do not see. */
const vm = createRequire(import.meta.url)('node:vm');

export default class OrdinaryGlobals extends TestEnvironment {
  constructor(...given) {
    const { createContext } = vm;
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(...given);
    } finally {
      vm.createContext = createContext;
    }
  }
}

/** Injection token of the ServiceContext in a Nest container. */
export const SERVICE_CONTEXT = Symbol('ServiceContext');

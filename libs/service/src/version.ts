/** Version of all services; they are released together. */
export const SERVICE_VERSION = '0.1.0';

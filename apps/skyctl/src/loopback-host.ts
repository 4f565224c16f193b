/** Whether a host of a parsed URL is this machine alone: `localhost`, 127.0.0.0/8 or ::1. A name that begins like such an address is none. */
export const isLoopbackHost = (hostname: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

/** Environment variables of the gateway besides those of every service. */
import { z } from 'zod';

export const gatewaySettings = {
  SKYFLOW_HTTP_HOST: z.string().default('127.0.0.1').describe('address that HTTP is served on'),
  SKYFLOW_HTTP_PORT: z.coerce.number().int().min(0).max(65535).default(50051).describe('port of HTTP; 0: any free one'),
  SKYFLOW_HTTPS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .optional()
    .describe('port of HTTPS beside HTTP; needs SKYFLOW_TLS_CERT_FILE and SKYFLOW_TLS_KEY_FILE'),
  SKYFLOW_TLS_CERT_FILE: z.string().optional().describe('certificate of the gateway, with its chain (PEM)'),
  SKYFLOW_TLS_KEY_FILE: z.string().optional().describe('key of that certificate (PEM)'),
  SKYFLOW_TOKEN: z.string().min(1).optional().describe('token of the admin'),
  SKYFLOW_SEALING_KEYS: z
    .string()
    .optional()
    .describe('file with the keys that seal Secrets, 64 hexadecimal digits per line; the first one seals'),
  SKYFLOW_TOKEN_FILE: z.string().optional().describe('file that holds the token of the admin'),
  SKYFLOW_TOKENS_FILE: z
    .string()
    .optional()
    .describe('file with further tokens, one a line: "<token> <user> [<group>,…]"'),
};
